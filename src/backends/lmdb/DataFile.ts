import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { CorruptedError } from "../../model/errors.ts";
import { freeBytesOf, RESERVED_DISK_BYTES } from "./classifyError.ts";

/** The name that LMDB gives the file of an environment. */
export const DATA_FILE_NAME = "data.mdb";

const MIB = 2 ** 20;
const MIN_STEP_BYTES = MIB;
const MAX_STEP_BYTES = 4 * MIB;
/** What a commit may use beyond its frames: the pages of the tree that it copies. */
const MARGIN_BYTES = MIB / 4;

/**
 * data.mdb as a file, beside LMDB: written zeros ahead of its use, cut off again at the end.
 *
 * A commit into a file that does not grow needs no journal entry of the file system and takes two
 * thirds of the time. Zeros are only ever appended (O_APPEND), which the kernel places behind the
 * end of the file as it is at that moment: not even a process that slept through its fencing can
 * write over a page of its successor. LMDB does not look at what follows its last page.
 */
export class DataFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #file: number;
  readonly #inode: number;
  #zeros: Uint8Array | undefined;
  #mayExtend = true;
  /** Room behind the last used page, at the least. */
  #knownRoomBytes = 0;

  /** @throws the error of the file system where the file cannot be opened. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, DATA_FILE_NAME);
    this.#file = openSync(this.#path, "a");
    this.#inode = fstatSync(this.#file).ino;
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
   * Whether, after a commit of so many bytes, it is time to look at the room that is left. To look
   * takes as long as a tenth of a commit, and a commit uses far less than what is counted here.
   */
  isDue(commitBytes: number): boolean {
    const wantedBytes = wantedBytesOf(commitBytes);
    this.#knownRoomBytes -= wantedBytes;
    return this.#mayExtend && this.#knownRoomBytes < wantedBytes;
  }

  /**
   * Makes room for commits like the last one, unless the disk has little left. A failure ends all
   * further tries and is none for the log: the file then grows with its commits.
   */
  extend(usedBytes: number, commitBytes: number): void {
    if (!this.#mayExtend) return;
    try {
      const wantedBytes = wantedBytesOf(commitBytes);
      this.#knownRoomBytes = fstatSync(this.#file).size - usedBytes;
      if (this.#knownRoomBytes >= wantedBytes) return;
      const stepBytes = stepBytesOf(Math.max(usedBytes, wantedBytes));
      if (freeBytesOf(this.#folder) - stepBytes < RESERVED_DISK_BYTES) return;
      this.#append(stepBytes);
      this.#knownRoomBytes += stepBytes;
    } catch {
      this.#mayExtend = false;
    }
  }

  /** Cuts off what LMDB has not used; the caller holds LMDB's write lock. */
  truncate(usedBytes: number): void {
    if (fstatSync(this.#file).size > usedBytes) ftruncateSync(this.#file, usedBytes);
  }

  /** Forces the file with its size to disk. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    this.#mayExtend = false;
    closeSync(this.#file);
  }

  #append(bytes: number): void {
    this.#zeros ??= new Uint8Array(MIB);
    for (let left = bytes; left > 0;) {
      left -= writeSync(this.#file, this.#zeros, 0, Math.min(left, MIB));
    }
    fdatasyncSync(this.#file);
  }
}

/** The room that two commits like this one may need. */
function wantedBytesOf(commitBytes: number): number {
  return 2 * commitBytes + MARGIN_BYTES;
}

/** Whole MiB that grow with the file, so that a small run stays small. */
function stepBytesOf(bytes: number): number {
  const wholeBytes = Math.ceil(bytes / MIB) * MIB;
  return Math.min(MAX_STEP_BYTES, Math.max(MIN_STEP_BYTES, wholeBytes));
}
