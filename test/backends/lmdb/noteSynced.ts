import { DataFile } from "../../../src/backends/lmdb/DataFile.ts";
import { notedTxnids, SyncMark } from "../../../src/backends/lmdb/SyncMark.ts";

/** Notes the last transaction of a folder's log as synced, or another one. */
export function noteSynced(folder: string, txnid: number = lastTxnidIn(folder)): void {
  const mark = new SyncMark(folder, 1);
  mark.note(txnid);
  mark.close();
}

/** The last transaction that is noted as synced; 0 where there is no note. */
export function syncedTxnid(folder: string): number {
  return Math.max(0, ...notedTxnids(folder));
}

export function lastTxnidIn(folder: string): number {
  const file = new DataFile(folder);
  try {
    return file.lastTxnid();
  } finally {
    file.close();
  }
}
