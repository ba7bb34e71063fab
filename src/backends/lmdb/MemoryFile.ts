import { randomUUID } from "node:crypto";
import {
  closeSync,
  ftruncateSync,
  openSync,
  readSync,
  statfsSync,
  unlinkSync,
  writeSync,
  writevSync,
} from "node:fs";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const MEMORY_FOLDER = "/dev/shm";
/** What `statfs` says of a file system in memory (linux/magic.h). */
const TMPFS = 0x01_02_19_94;
const FILE_MODE = 0o600;
const KIB = 2 ** 10;
/** What is smaller fits into the pipe at once. */
const MIN_BYTES = 128 * KIB;
/** More frames than a transaction of this size has. */
const MAX_PARTS = 100_000;
/** More than most transactions have. */
export const MAX_CARRIED_BYTES: number = 4 * KIB * KIB;
/** At its start: how many requests have been sent, f64 in the order of the machine. */
const SENT_BYTES = 8;
const FIRST_PLACE = 4 * KIB;
/** Where what is carried may lie: one commit is read while the next one comes. */
const PLACES: readonly number[] = [FIRST_PLACE, FIRST_PLACE + MAX_CARRIED_BYTES];

/**
 * A file in memory, without a name, through which large commits reach the writer process. The pipe
 * holds some 200 KiB, and the rest would wait for the next turn of our event loop: while that is busy
 * with the drafts that come meanwhile, the disk would have nothing to do.
 *
 * It only carries. Where there is none, or no room in it, a commit goes through the pipe.
 */
export class MemoryFile {
  /** For the process that reads it. */
  readonly descriptor: number;
  readonly #free = new Set<number>(PLACES);
  #isOpen = true;

  /**
   * Undefined where it cannot be had. Only in memory, since it is written by the thread that calls us:
   * a disk may hang.
   */
  static open(folder: string = MEMORY_FOLDER): MemoryFile | undefined {
    try {
      return statfsSync(folder).type === TMPFS ? openIn(folder) : undefined;
    } catch {
      return undefined;
    }
  }

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /**
   * Puts these bytes where nothing is carried. Gives where, for `release`; undefined where they are not
   * in it, for which they may be too few to be worth it.
   */
  carry(parts: readonly Uint8Array[]): number | undefined {
    let bytes = 0;
    for (const { byteLength } of parts) bytes += byteLength;
    const [place] = this.#free;
    const isFit = bytes >= MIN_BYTES && bytes <= MAX_CARRIED_BYTES && parts.length <= MAX_PARTS;
    if (!this.#isOpen || !isFit || place === undefined) return undefined;
    if (!isWritten(bytes, () => writevSync(this.descriptor, parts, place))) {
      // Others may need what little there is.
      ftruncateSync(this.descriptor, this.#usedBytes());
      return undefined;
    }
    this.#free.delete(place);
    return place;
  }

  /** What was carried there was read. */
  release(place: number): void {
    this.#free.add(place);
  }

  /** Says how many requests have been sent, so that whoever reads them knows that one is there. */
  announce(sent: number): void {
    if (!this.#isOpen) return;
    // Where there is no room for it nothing is said, and who reads waits.
    isWritten(SENT_BYTES, () =>
      writeSync(this.descriptor, Float64Array.of(sent), 0, SENT_BYTES, 0),
    );
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.descriptor);
  }

  #usedBytes(): number {
    const used = PLACES.filter((place) => !this.#free.has(place));
    return used.length === 0 ? FIRST_PLACE : Math.max(...used) + MAX_CARRIED_BYTES;
  }
}

/** Whether all of it was written; not where there is no room for it. */
function isWritten(bytes: number, write: () => number): boolean {
  try {
    return write() === bytes;
  } catch {
    return false;
  }
}

/** How many requests have been sent, as far as the file in memory knows. */
export function sentRequests(descriptor: number): number {
  const number = new Float64Array(1);
  return readSync(descriptor, number, 0, SENT_BYTES, 0) === SENT_BYTES ? (number[0] as number) : 0;
}

function openIn(folder: string): MemoryFile {
  const path = join(folder, `tidemark-${randomUUID()}`);
  const file = new MemoryFile(openSync(path, "wx+", FILE_MODE));
  try {
    unlinkSync(path);
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}
