import { CorruptedError } from "../../model/errors.ts";
import { resultOf } from "./datafile/checkState.ts";
import { inFile } from "./datafile/inFile.ts";
import { LastTransaction } from "./datafile/LastTransaction.ts";
import { PageFile } from "./datafile/PageFile.ts";
import { isProvenRow } from "./isProvenRow.ts";
import { notedTxnids } from "./SyncMark.ts";

/**
 * Drops the last transaction of a log where it is torn. Only what that transaction itself has written
 * can be torn: where what stood before is broken as well, or its sync is known to have returned, it
 * is damage, and stays. The caller holds the lease, and LMDB has not opened the file; nothing is
 * forced to disk yet.
 *
 * @throws {@link CorruptedError} for damage before the last transaction, or the error of the file
 * system.
 */
export function settleLast(folder: string): void {
  const file = PageFile.open(folder);
  try {
    inFile(file.path, () => settle(file, notedTxnids(folder)));
  } finally {
    file.close();
  }
}

function settle(file: PageFile, noted: readonly number[]): void {
  const last = LastTransaction.of(file);
  // A note that is ahead is of another file, since none is ahead of its own.
  if (noted.includes(last.txnid) || resultOf(last.isWhole(isProvenRow))) return;
  try {
    resultOf(last.checkOlder());
  } catch (error) {
    if (error instanceof CorruptedError && !last.isUnchanged()) return;
    throw error;
  }
  // Somebody who writes meanwhile, in another network namespace, has no torn transaction.
  if (last.isUnchanged()) last.drop();
}
