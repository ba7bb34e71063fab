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
 * @returns the digest of the last transaction that was found whole, or is left; undefined where
 * nothing had to be found out.
 * @throws {@link CorruptedError} for damage before the last transaction, or the error of the file
 * system.
 */
export function settleLast(folder: string): string | undefined {
  return PageFile.use(folder, (file) => inFile(file.path, () => settle(file, notedTxnids(folder))));
}

function settle(file: PageFile, noted: readonly number[]): string | undefined {
  const last = LastTransaction.of(file);
  // A note that is ahead is of another file, since none is ahead of its own.
  if (noted.includes(last.txnid)) return undefined;
  // Before the check: what is the same behind it was so all the while.
  const digest = last.digest();
  if (resultOf(last.isWhole(isProvenRow))) return digest;
  try {
    resultOf(last.checkOlder());
  } catch (error) {
    if (error instanceof CorruptedError && !last.isUnchanged()) return undefined;
    throw error;
  }
  // Somebody who writes meanwhile, in another network namespace, has no torn transaction.
  if (!last.isUnchanged()) return undefined;
  last.drop();
  return LastTransaction.of(file).digest();
}
