import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readSafeUint64 } from "../../format/uint64.ts";
import { LOCK_FILE_BYTES, LOCK_FILE_NAME } from "./lockFile.ts";
import { READ_FLAGS } from "./readFlags.ts";

const NUMBER_BYTES = 8;
/** Two numbers: of the writers with even epochs, and of those with odd ones. */
const MARK_BYTES = 2 * NUMBER_BYTES;
/** LMDB would put a reader there if there were some 570 of them. */
const AT_MARK = LOCK_FILE_BYTES - MARK_BYTES;

/**
 * Where the writer of a run notes which transaction its last sync has covered: at the end of
 * lock.mdb, for those who read data.mdb beside it. It is never synced. After a power cut it may be
 * missing or behind; but never ahead, since it is written when the sync has returned.
 *
 * A writer that sleeps through its fencing and wakes to note its last transaction does not touch the
 * number of its successor.
 *
 * No lock.mdb may be closed in a process while LMDB has it open there: that would let go of LMDB's
 * lock on it.
 */
export class SyncMark {
  readonly #file: number;
  readonly #epoch: number;
  readonly #number = Buffer.alloc(NUMBER_BYTES);

  /** @throws the error of the file system. */
  constructor(folder: string, epoch: number) {
    const flags = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
    this.#file = openSync(join(folder, LOCK_FILE_NAME), flags);
    this.#epoch = epoch;
    // What is there may be of another data.mdb.
    this.#write(epoch + 1, 0);
  }

  /** A sync that began after a transaction was committed has returned. @throws as the constructor. */
  note(txnid: number): void {
    this.#write(this.#epoch, txnid);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(epoch: number, txnid: number): void {
    this.#number.writeBigUInt64LE(BigInt(txnid));
    const at = AT_MARK + (epoch % 2) * NUMBER_BYTES;
    writeSync(this.#file, this.#number, 0, NUMBER_BYTES, at);
  }
}

/** The last transaction that is noted as synced; 0 where there is no note. */
export function syncedTxnid(folder: string): number {
  const mark = new DataView(new ArrayBuffer(MARK_BYTES));
  try {
    const file = openSync(join(folder, LOCK_FILE_NAME), READ_FLAGS);
    try {
      readSync(file, mark, 0, MARK_BYTES, AT_MARK);
    } finally {
      closeSync(file);
    }
  } catch {
    // Whoever may not look at it, or finds none, has to find out otherwise.
    return 0;
  }
  return Math.max(readSafeUint64(mark, 0) ?? 0, readSafeUint64(mark, NUMBER_BYTES) ?? 0);
}

/** Whether a transaction is synced, for the process whose writer notes it; what it acknowledged is. */
export function isSynced(folder: string, txnid: number): boolean {
  const synced = syncedTxnid(folder);
  // Without a note there is no more to be known than what was acknowledged, and that must be seen.
  return synced === 0 || txnid <= synced;
}
