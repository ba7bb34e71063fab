import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { readSafeUint64 } from "../../format/uint64.ts";
import { CorruptedError } from "../../model/errors.ts";
import { isOfRoom } from "./classifyError.ts";
import {
  AT_TXNID,
  META_BYTES,
  META_PAGES,
  newestMeta,
  NUMBER_BYTES,
  pageBytesIn,
  type Meta,
} from "./datafile/metas.ts";

/** The name that LMDB gives the file of an environment. */
export const DATA_FILE_NAME = "data.mdb";

const OPEN_FLAGS = constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
const ZEROS_BYTES = 2 ** 20;

/**
 * data.mdb as a file, beside LMDB: zeros are written ahead of its use, and cut off again at the end.
 *
 * Zeros are only ever appended (O_APPEND), which the kernel places behind the end of the file as it
 * is at that moment: not even a process that slept through its fencing can write over a page of its
 * successor. LMDB does not look at what follows its last page.
 */
export class DataFile {
  readonly #path: string;
  readonly #file: number;
  readonly #inode: number;
  readonly #pageBytes: number;
  /** From the number of the transaction on the first meta page to that on the second. */
  readonly #numbers: DataView;
  #zeros: Uint8Array | undefined;

  /**
   * @throws the error of the file system where the file cannot be opened, {@link CorruptedError}
   * where it is none of LMDB's.
   */
  constructor(folder: string) {
    this.#path = join(folder, DATA_FILE_NAME);
    this.#file = openSync(this.#path, OPEN_FLAGS);
    this.#inode = fstatSync(this.#file).ino;
    this.#pageBytes = pageBytesIn(this.#read(META_BYTES, 0));
    this.#numbers = new DataView(new ArrayBuffer(this.#pageBytes + NUMBER_BYTES));
  }

  get pageBytes(): number {
    return this.#pageBytes;
  }

  get sizeBytes(): number {
    return fstatSync(this.#file).size;
  }

  /**
   * Up to where the last commit says that the file is in use.
   *
   * @throws {@link CorruptedError} for meta pages that LMDB does not write.
   */
  usedBytes(): number {
    return (this.#newest().lastPage + 1) * this.#pageBytes;
  }

  /** The number of the last transaction. @throws as {@link usedBytes}. */
  lastTxnid(): number {
    return this.#newest().txnid;
  }

  /** Whether the meta pages are of a transaction and the one before it, as its commit leaves them. */
  isLast(txnid: number): boolean {
    const bytes = this.#numbers.byteLength;
    if (readSync(this.#file, this.#numbers, 0, bytes, AT_TXNID) < bytes) return false;
    return this.#hasNumber(txnid) && this.#hasNumber(txnid - 1);
  }

  /**
   * Checks that the path still leads to the file: what is committed to a file that was removed or
   * replaced is found by nobody.
   *
   * @throws {@link CorruptedError} where it does not.
   */
  checkInPlace(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino !== this.#inode) {
      throw new CorruptedError(`${this.#path} was removed or replaced while it was open`);
    }
  }

  /**
   * Appends zeros, as many as there is room for. Gives the error of the file system that says why
   * there are not more.
   *
   * @throws the error of the file system where they cannot be written for another reason.
   */
  appendZeros(bytes: number): unknown {
    this.#zeros ??= new Uint8Array(ZEROS_BYTES);
    try {
      for (let left = bytes; left > 0;) {
        left -= writeSync(this.#file, this.#zeros, 0, Math.min(left, ZEROS_BYTES));
      }
    } catch (error) {
      if (!isOfRoom(error)) throw error;
      return error;
    }
    return undefined;
  }

  /** Forces to disk what was written. @throws what the file system says: what is there then, nobody knows. */
  syncData(): void {
    fdatasyncSync(this.#file);
  }

  /** {@link syncData} on a thread of Node's, while ours goes on. */
  syncDataAside(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Cuts off what LMDB has not used; the caller holds LMDB's write lock. */
  truncate(): void {
    const usedBytes = this.usedBytes();
    if (this.sizeBytes > usedBytes) ftruncateSync(this.#file, usedBytes);
  }

  /** Forces the file with its size to disk. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Whether the meta page of a transaction was read with its number. */
  #hasNumber(txnid: number): boolean {
    const at = (txnid % META_PAGES) * this.#pageBytes;
    return readSafeUint64(this.#numbers, at) === txnid;
  }

  #newest(): Meta {
    const first = this.#read(META_BYTES, 0);
    const second = this.#read(META_BYTES, this.#pageBytes);
    return newestMeta(first, second, this.#pageBytes);
  }

  #read(bytes: number, at: number): Uint8Array {
    const buffer = Buffer.alloc(bytes);
    if (readSync(this.#file, buffer, 0, bytes, at) < bytes) {
      throw new CorruptedError(`${this.#path} is too short`);
    }
    return buffer;
  }
}
