import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync, writevSync } from "node:fs";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const MEMORY_FOLDER = "/dev/shm";
const FILE_MODE = 0o600;
const KIB = 2 ** 10;
/** What is smaller fits into the pipe at once. */
const MIN_BYTES = 128 * KIB;
/** More than most transactions have, and as much as each run may take of the memory for files. */
export const MAX_MEMORY_FILE_BYTES: number = 8 * KIB * KIB;

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
  #isOpen = true;

  /** Undefined where the system has no such files. */
  static open(folder: string = MEMORY_FOLDER): MemoryFile | undefined {
    const path = join(folder, `tidemark-${randomUUID()}`);
    let descriptor: number;
    try {
      descriptor = openSync(path, "wx+", FILE_MODE);
    } catch {
      return undefined;
    }
    const file = new MemoryFile(descriptor);
    try {
      unlinkSync(path);
    } catch {
      // Somebody else was faster, and it has no name either.
    }
    return file;
  }

  private constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /**
   * Whether all of these bytes are in it now, from its start, in the place of what was there; false,
   * too, where they are not worth it.
   */
  take(parts: readonly Uint8Array[], bytes: number): boolean {
    if (!this.#isOpen || bytes < MIN_BYTES || bytes > MAX_MEMORY_FILE_BYTES) return false;
    try {
      return writevSync(this.descriptor, parts, 0) === bytes;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.#isOpen) closeSync(this.descriptor);
    this.#isOpen = false;
  }
}
