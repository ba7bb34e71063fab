/*
 * As much of LMDB's file as it takes to damage it on purpose; written apart from what reads it in
 * src/, so that the two cannot be wrong together.
 */
const PAGE_BYTES = 4_096;
const ROOT_AT = 136;
const LAST_PAGE_AT = 144;
const TXN_ID_AT = 152;

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
