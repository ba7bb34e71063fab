import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { readSafeUint64 } from "../../format/uint64.ts";
import { writeWhole } from "./datafile/writeWhole.ts";
import { LOCK_FILE_BYTES, LOCK_FILE_NAME } from "./lockFile.ts";
import { READ_FLAGS, WRITE_FLAGS } from "./openFlags.ts";

const NUMBER_BYTES = 8;
/** Writers take turns: each has the place of the writer so many epochs before. */
const PLACES = 8;
const MARK_BYTES = PLACES * NUMBER_BYTES;
/** LMDB would put a reader there if there were some 570 of them. */
const AT_MARK = LOCK_FILE_BYTES - MARK_BYTES;
/** What opening and reading say where there is no file, or something else in its place. */
const NO_FILE_CODES: ReadonlySet<unknown> = new Set([
  "ENOENT",
  "ELOOP",
  "ENXIO",
  "EISDIR",
  "ESPIPE",
]);

/**
 * Where the writer of a run notes which transaction its last sync has covered: at the end of
 * lock.mdb, for those who read data.mdb beside it. It is never synced. After a power cut it may be
 * missing or behind; but never ahead, since it is written when the sync has returned. One that is
 * ahead is of another data.mdb.
 *
 * A writer that sleeps through its fencing and wakes to note its last transaction does not touch the
 * number of its successor.
 *
 * No lock.mdb may be closed in a process while LMDB has it open there: that would let go of LMDB's
 * lock on it.
 */
export class SyncMark {
  readonly #file: number;
  readonly #at: number;
  readonly #number = Buffer.alloc(NUMBER_BYTES);

  /** Forgets what was noted before. @throws the error of the file system. */
  constructor(folder: string, epoch: number) {
    this.#file = openSync(join(folder, LOCK_FILE_NAME), WRITE_FLAGS);
    this.#at = AT_MARK + (epoch % PLACES) * NUMBER_BYTES;
    writeWhole(this.#file, Buffer.alloc(MARK_BYTES), AT_MARK);
  }

  /** A sync that began after a transaction was committed has returned. @throws as the constructor. */
  note(txnid: number): void {
    this.#number.writeBigUInt64LE(BigInt(txnid));
    writeWhole(this.#file, this.#number, this.#at);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What writers have noted; nothing where there is no file. @throws the error of the file system. */
export function notedTxnids(folder: string): readonly number[] {
  const mark = new DataView(new ArrayBuffer(MARK_BYTES));
  try {
    const file = openSync(join(folder, LOCK_FILE_NAME), READ_FLAGS);
    try {
      readSync(file, mark, 0, MARK_BYTES, AT_MARK);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!NO_FILE_CODES.has((error as NodeJS.ErrnoException).code)) throw error;
  }
  const numbers = Array.from(
    { length: PLACES },
    (_, place) => readSafeUint64(mark, place * NUMBER_BYTES) ?? 0,
  );
  return numbers.filter((number) => number > 0);
}
