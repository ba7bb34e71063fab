/*
 * Where things are on the pages of lmdb 3.5, whose LMDB is a fork: it writes the transaction into
 * every page. Everything is little-endian; offsets of nodes count from the end of the page's header.
 */

/** What every page begins with; of overflow pages, only the first. */
export const PAGE_HEADER_BYTES = 24;
export const AT_PAGE_NUMBER = 0;
export const AT_TXNID = 8;
export const AT_FLAGS = 18;
/** The end of the list of nodes, and where the lowest node is. */
export const AT_LOWER = 20;
const AT_UPPER = 22;
/** Of overflow pages, in place of both: how many they are. */
export const AT_PAGE_COUNT = 20;

export const BRANCH_FLAG = 0x1;
const LEAF_FLAG = 0x2;
export const OVERFLOW_FLAG = 0x4;

export const NODE_HEADER_BYTES = 8;
/** In a leaf the length of the value; in a branch the low 32 bits of a page number. */
export const AT_LENGTH = 0;
/** In a leaf what the row is; in a branch the high 16 bits of a page number. */
export const AT_NODE_FLAGS = 4;
export const AT_KEY_BYTES = 6;
/** The value is on overflow pages; where they are stands in its place. */
export const IS_OVERFLOW = 0x1;

/** Whether a page of a tree holds rows; else it leads to other pages. */
export function isLeaf(page: DataView): boolean {
  return page.getUint16(AT_FLAGS, true) === LEAF_FLAG;
}

/** How many rows a leaf has, or how many pages a branch leads to. */
export function nodeCount(page: DataView): number {
  return page.getUint16(AT_LOWER, true) >> 1;
}

/** Where a node is on a page. */
export function nodeAt(page: DataView, index: number): number {
  return PAGE_HEADER_BYTES + page.getUint16(PAGE_HEADER_BYTES + 2 * index, true);
}

/** Where the lowest node is, or the end of a page without any. */
export function lowestNode(page: DataView): number {
  return PAGE_HEADER_BYTES + page.getUint16(AT_UPPER, true);
}

/** The first node whose key counts: a branch leads with its first to all that is below its second. */
export function firstKeyed(page: DataView): number {
  return isLeaf(page) ? 0 : 1;
}
