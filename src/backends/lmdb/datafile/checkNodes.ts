import { UINT64_KEY_BYTES, type KeyOrder } from "./keyOrder.ts";
import { OVERFLOW_BYTES } from "./overflow.ts";
import * as layout from "./pageLayout.ts";

/** LMDB lets no branch lead to fewer pages, nor a leaf be without a row. */
const MIN_CHILDREN = 2;

/*
 * What the nodes of one page can tell of it. These run once for every row of a file that is checked,
 * so they walk over its bytes and make no objects.
 */

/** Where nodes start on the page that is being checked; all 0 between two checks. */
const isStart = new Uint8Array(2 ** 17);

/** Whether nodes fill a page from the lowest one to its end, each beginning where another ends. */
export function areNodesInPlace(page: DataView): boolean {
  if (!isListInPlace(page)) return false;
  const count = layout.nodeCount(page);
  for (let index = 0; index < count; index += 1) isStart[layout.nodeAt(page, index)] = 1;
  const bytesOf = layout.isLeaf(page) ? rowBytes : childBytes;
  let node = layout.lowestNode(page);
  let found = 0;
  while (node + layout.NODE_HEADER_BYTES <= page.byteLength && isStart[node] === 1) {
    isStart[node] = 0;
    found += 1;
    node += bytesOf(page, node);
  }
  const isFilled = node === page.byteLength && found === count;
  if (!isFilled) isStart.fill(0);
  return isFilled;
}

/** Whether there are as many nodes as there must be, and their list ends before the lowest one. */
function isListInPlace(page: DataView): boolean {
  const listBytes = page.getUint16(layout.AT_LOWER, true);
  const lowest = layout.lowestNode(page);
  return (
    listBytes % 2 === 0 &&
    layout.PAGE_HEADER_BYTES + listBytes <= lowest &&
    lowest <= page.byteLength &&
    layout.nodeCount(page) >= (layout.isLeaf(page) ? 1 : MIN_CHILDREN)
  );
}

/** Whether the keys of a page are such as its tree can have, and rise. */
export function areKeysInOrder(page: DataView, order: KeyOrder): boolean {
  const isAbove = order === "bytes" ? isTextAbove : isNumberAbove;
  let before: number | undefined;
  for (let index = layout.firstKeyed(page); index < layout.nodeCount(page); index += 1) {
    const node = layout.nodeAt(page, index);
    const bytes = page.getUint16(node + layout.AT_KEY_BYTES, true);
    if (order === "bytes" ? bytes === 0 : bytes !== UINT64_KEY_BYTES) return false;
    if (before !== undefined && !isAbove(page, node, before)) return false;
    before = node;
  }
  return true;
}

function rowBytes(page: DataView, node: number): number {
  const flags = page.getUint16(node + layout.AT_NODE_FLAGS, true);
  // What other rows have in place of their values is not known; none of ours fills a page so far.
  if (flags !== 0 && flags !== layout.IS_OVERFLOW) return Number.POSITIVE_INFINITY;
  const valueBytes = flags === 0 ? page.getUint32(node + layout.AT_LENGTH, true) : OVERFLOW_BYTES;
  const bytes =
    layout.NODE_HEADER_BYTES + page.getUint16(node + layout.AT_KEY_BYTES, true) + valueBytes;
  return bytes + (bytes % 2);
}

function childBytes(page: DataView, node: number): number {
  const bytes = layout.NODE_HEADER_BYTES + page.getUint16(node + layout.AT_KEY_BYTES, true);
  return bytes + (bytes % 2);
}

/** Whether the key of a node is above that of another one, by bytes. */
function isTextAbove(page: DataView, node: number, other: number): boolean {
  const [a, b] = [node + layout.NODE_HEADER_BYTES, other + layout.NODE_HEADER_BYTES];
  const aBytes = page.getUint16(node + layout.AT_KEY_BYTES, true);
  const bBytes = page.getUint16(other + layout.AT_KEY_BYTES, true);
  const shorter = Math.min(aBytes, bBytes);
  let at = 0;
  // Neighbours mostly begin alike.
  while (at + 4 <= shorter && page.getUint32(a + at) === page.getUint32(b + at)) at += 4;
  while (at < shorter && page.getUint8(a + at) === page.getUint8(b + at)) at += 1;
  return at < shorter ? page.getUint8(a + at) > page.getUint8(b + at) : aBytes > bBytes;
}

/** Whether the key of a node is above that of another one, as numbers. */
function isNumberAbove(page: DataView, node: number, other: number): boolean {
  const [a, b] = [node + layout.NODE_HEADER_BYTES, other + layout.NODE_HEADER_BYTES];
  const [high, otherHigh] = [page.getUint32(a + 4, true), page.getUint32(b + 4, true)];
  if (high !== otherHigh) return high > otherHigh;
  return page.getUint32(a, true) > page.getUint32(b, true);
}
