import { randomUUID } from "node:crypto";
import { closeSync, ftruncateSync, openSync, statfsSync, unlinkSync, writevSync } from "node:fs";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const MEMORY_FOLDER = "/dev/shm";
/** What `statfs` says of a file system in memory (linux/magic.h). */
const TMPFS = 0x01_02_19_94;
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
   * Puts these bytes at its start, in the place of what was there; false where they are not in it, for
   * which they may be too few to be worth it.
   */
  carry(parts: readonly Uint8Array[], bytes: number): boolean {
    if (!this.#isOpen || bytes < MIN_BYTES || bytes > MAX_MEMORY_FILE_BYTES) return false;
    try {
      if (writevSync(this.descriptor, parts, 0) === bytes) return true;
    } catch {
      // There is no room, as where less was written.
    }
    // Others may need what little there is.
    ftruncateSync(this.descriptor);
    return false;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.descriptor);
  }
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
