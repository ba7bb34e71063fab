import { freeBytesOf, RESERVED_DISK_BYTES } from "./classifyError.ts";
import type { DataFile } from "./DataFile.ts";

/** What a transaction stores, as far as its room in the file goes. */
export interface CommitSize {
  readonly frames: readonly { readonly byteLength: number }[];
  readonly indexRows: number;
}

/** A transaction of our own few rows. */
export const FEW_ROWS: CommitSize = { frames: [], indexRows: 0 };

const KIB = 2 ** 10;
const MIB = 2 ** 20;
/**
 * What is made between two commits: to force so much to disk takes about as long as a commit, and
 * the next one may have to wait for it. A commit that is larger makes its own room.
 */
const STEP_BYTES = MIB;
/** Before a commit, and where the disk has little left, no more is taken than is needed. */
const SMALL_STEP_BYTES = 64 * KIB;
/** For the pages of the tree that every commit copies, from its root to its right edge. */
const MARGIN_BYTES = 256 * KIB;
/** LMDB puts this much before a value that has pages of its own. */
const PAGE_HEADER_BYTES = 24;
/** What an index row takes before there is any experience with those of this run. */
const FIRST_BYTES_PER_ROW = 512;
/** What all index rows of one commit are expected to take, at the most. */
const MAX_ROWS_BYTES = 16 * MIB;
/** How much of what was learned about index rows is still believed at the next look. */
const BELIEF = 0.75;

/**
 * Room in data.mdb behind the last page that LMDB has used, made before a commit needs it: with
 * zeros that were written, between two commits, and synced. What a commit lacks is written just
 * before it and not synced: its own sync does that, and mostly writes over them before they reach
 * the disk.
 *
 * So whatever limits the file (disk, quota, file size) says so here, with its number and with
 * nothing begun, and not inside LMDB, which reports a short write as EIO and may crash over it. And
 * a commit into a file that does not grow needs no journal entry of the file system, which makes it
 * take two thirds of the time.
 *
 * What a commit takes is known for its frames. For its index rows it is an estimate, by what those
 * before have taken: each may copy a page of the tree or find one free. Where that is too little,
 * LMDB lets the file grow by itself, and a full disk is then told by LMDB. Nor is room in the file
 * room on the disk where the file system writes in another place than it did before (btrfs, ZFS, a
 * file that shares its blocks with a copy, a thin volume).
 */
export class RoomAhead {
  readonly #folder: string;
  readonly #file: DataFile;
  /** The file is ours up to here, zeros or not. */
  #sizeBytes: number;
  /** The room that is left, at the least. */
  #roomBytes = 0;
  #lastBytes = MARGIN_BYTES;
  /** What was used at the last look, and what was to be stored since. */
  #usedBytes: number;
  #frameBytes = 0;
  #indexRows = 0;
  #bytesPerRow = FIRST_BYTES_PER_ROW;

  constructor(folder: string, file: DataFile) {
    this.#folder = folder;
    this.#file = file;
    this.#sizeBytes = file.sizeBytes;
    this.#usedBytes = file.usedBytes();
  }

  /**
   * Makes sure that there is room for a commit, which then uses it. Mostly that is known without a
   * look at the file: a commit takes far less than is counted here.
   *
   * @throws the error of the file system, with its number; the commit must not be begun then.
   */
  makeFor(commit: CommitSize): void {
    const bytes = this.#expectedBytes(commit);
    if (this.#roomBytes < bytes && this.#lacks(bytes)) {
      const refusal = this.#extend(wholeSteps(bytes - this.#roomBytes, SMALL_STEP_BYTES));
      if (refusal !== undefined && this.#roomBytes < bytes) throw refusal;
    }
    this.#roomBytes -= bytes;
    this.#lastBytes = bytes;
    this.#frameBytes += this.#frameBytesOf(commit);
    this.#indexRows += commit.indexRows;
  }

  /**
   * Makes room for two more commits like the last one, if that was no large one: after its
   * acknowledgement, where the time is nobody's. Near the end of a disk, too, so that a run can end on
   * a full one. That there is none is no failure yet: the next commit may be smaller, or tells.
   *
   * @throws the error of the file system for anything else.
   */
  renew(): void {
    const bytes = 2 * this.#lastBytes;
    if (bytes > STEP_BYTES || this.#roomBytes >= this.#lastBytes || !this.#lacks(bytes)) return;
    this.#extend(
      this.#isRoomy(STEP_BYTES)
        ? STEP_BYTES
        : wholeSteps(bytes - this.#roomBytes, SMALL_STEP_BYTES),
    );
    this.#file.syncData();
  }

  /** Looks whether there is less than so much room. */
  #lacks(bytes: number): boolean {
    this.#look();
    return this.#roomBytes < bytes;
  }

  /** Makes so much room more; gives why it is less. */
  #extend(bytes: number): unknown {
    const refusal = this.#file.appendZeros(bytes);
    this.#sizeBytes = this.#file.sizeBytes;
    this.#roomBytes = this.#sizeBytes - this.#usedBytes;
    return refusal;
  }

  /** Whether the disk has so much to spare. */
  #isRoomy(bytes: number): boolean {
    return freeBytesOf(this.#folder) - bytes >= RESERVED_DISK_BYTES;
  }

  /** What was used since the last look also tells what index rows take. */
  #look(): void {
    const usedBytes = this.#file.usedBytes();
    const rowsBytes = usedBytes - this.#usedBytes - this.#frameBytes - MARGIN_BYTES;
    if (this.#indexRows > 0) {
      const bytesPerRow = Math.max(0, rowsBytes) / this.#indexRows;
      this.#bytesPerRow = Math.max(bytesPerRow, this.#bytesPerRow * BELIEF);
    }
    this.#usedBytes = usedBytes;
    this.#frameBytes = 0;
    this.#indexRows = 0;
    // LMDB may have taken more by itself, beyond our zeros.
    this.#roomBytes = Math.max(0, this.#sizeBytes - usedBytes);
  }

  #expectedBytes(commit: CommitSize): number {
    const rowsBytes = 2 * this.#bytesPerRow * commit.indexRows;
    return this.#frameBytesOf(commit) + Math.min(rowsBytes, MAX_ROWS_BYTES) + MARGIN_BYTES;
  }

  /** Each frame in pages of its own. */
  #frameBytesOf({ frames }: CommitSize): number {
    const { pageBytes } = this.#file;
    let bytes = 0;
    for (const { byteLength } of frames) {
      bytes += wholeSteps(PAGE_HEADER_BYTES + byteLength, pageBytes);
    }
    return bytes;
  }
}

function wholeSteps(bytes: number, stepBytes: number): number {
  return Math.ceil(bytes / stepBytes) * stepBytes;
}
