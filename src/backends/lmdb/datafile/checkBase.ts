import { CorruptedError } from "../../../model/errors.ts";
import type { SnapshotPair } from "./checkWritten.ts";
import { Cursor } from "./Cursor.ts";
import { freePagesIn } from "./freePages.ts";
import { compareKeys } from "./keyOrder.ts";
import { NUMBER_BYTES } from "./metas.ts";

/**
 * Checks that what passes for the state before a transaction is the one that it was built on, as far as
 * the transaction says: it has freed the root that it has written anew. In the place of that state
 * there can be one that never was, see `unnumberedState`; what its pages held long ago may be whole.
 *
 * @throws {@link CorruptedError} where it is not.
 */
export function checkBase({ newer, older }: SnapshotPair): void {
  const { root } = older.meta.main;
  if (root === undefined || root === newer.meta.main.root) return;
  const { txnid, free } = newer.meta;
  const key = Buffer.alloc(NUMBER_BYTES);
  key.writeBigUInt64LE(BigInt(txnid));
  const cursor = new Cursor(newer, free);
  // Where a power cut has left an older list in its place, nothing is known.
  if (!cursor.seek(key) || compareKeys(cursor.key, key, free.order) !== 0) return;
  for (const { pageNumber, pageCount } of freePagesIn(newer.valueAt(cursor))) {
    if (root >= pageNumber && root < pageNumber + pageCount) return;
  }
  throw new CorruptedError(
    `transaction ${txnid} was not built on the state of ${older.meta.txnid}`,
  );
}
