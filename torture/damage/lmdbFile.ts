/*
 * As much of LMDB's file as it takes to damage it on purpose and to measure it; written apart from
 * what reads it in src/, so that the two cannot be wrong together.
 */
const PAGE_BYTES = 4_096;
const ROOT_AT = 136;
const LAST_PAGE_AT = 144;
const TXN_ID_AT = 152;
/** Where the records of both trees have their sums of pages: branches, leaves, and whole values. */
const SUMS_AT = [56, 64, 72, 104, 112, 120] as const;
const META_PAGES = 2;
/** So much of the file says how its pages are used. */
export const META_PAGES_BYTES: number = META_PAGES * PAGE_BYTES;

/** Where the newer of the two meta pages is, and the other one. */
export function newestMetaOf(bytes: Buffer): {
  readonly at: number;
  readonly other: number;
  readonly txnId: bigint;
  /** The page where its tree of rows begins. */
  readonly root: number;
} {
  const [first, second] = [0, PAGE_BYTES].map((at) => bytes.readBigUInt64LE(at + TXN_ID_AT));
  if (first === undefined || second === undefined) throw new Error("There are two meta pages");
  const [at, other] = first > second ? [0, PAGE_BYTES] : [PAGE_BYTES, 0];
  const txnId = first > second ? first : second;
  return { at, other, txnId, root: Number(bytes.readBigUInt64LE(at + ROOT_AT)) };
}

/** Pages that LMDB has ever used; what follows is room for later. */
export function usedPagesOf(bytes: Buffer): number {
  return Number(bytes.readBigUInt64LE(newestMetaOf(bytes).at + LAST_PAGE_AT)) + 1;
}

/** What LMDB has ever used of its file, and how much of that is in no tree any more. */
export function pagesOf(bytes: Buffer): { readonly usedBytes: number; readonly freeBytes: number } {
  const { at } = newestMetaOf(bytes);
  const inTrees = SUMS_AT.map((sum) => Number(bytes.readBigUInt64LE(at + sum)));
  const used = usedPagesOf(bytes);
  const free = used - META_PAGES - inTrees.reduce((all, pages) => all + pages, 0);
  return { usedBytes: used * PAGE_BYTES, freeBytes: free * PAGE_BYTES };
}
