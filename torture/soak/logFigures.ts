import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { META_PAGES_BYTES, pagesOf } from "../damage/lmdbFile.ts";

/** What LMDB has made of the files of a run. */
export interface LogFigures {
  /** The most readers that have ever had a place in LMDB's table at once. */
  readonly readerSlots: number;
  /** Up to the last page that was ever used. */
  readonly usedBytes: number;
  /** What of that is in no tree: it was freed, and waits for its next use. */
  readonly freeBytes: number;
  /** What follows: room for commits to come. */
  readonly aheadBytes: number;
}

const AT_READER_SLOTS = 16;
const LOCK_HEAD_BYTES = 64;
const MAX_LOOKS = 100;

/** Looks at the files of a run that another process writes. */
export function logFiguresOf(folder: string): LogFigures {
  const { head: lock } = headOf(join(folder, "lock.mdb"), LOCK_HEAD_BYTES);
  const { head, sizeBytes } = headOf(join(folder, "data.mdb"), META_PAGES_BYTES);
  const { usedBytes, freeBytes } = pagesOf(head);
  return {
    readerSlots: lock.readUInt32LE(AT_READER_SLOTS),
    usedBytes,
    freeBytes,
    aheadBytes: Math.max(0, sizeBytes - usedBytes),
  };
}

/** What a file begins with, and its size: looked at until no commit has come between. */
function headOf(
  path: string,
  bytes: number,
): { readonly head: Buffer; readonly sizeBytes: number } {
  const file = openSync(path, "r");
  try {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const [head, again] = [Buffer.alloc(bytes), Buffer.alloc(bytes)];
      readSync(file, head, 0, bytes, 0);
      const { size } = fstatSync(file);
      readSync(file, again, 0, bytes, 0);
      if (head.equals(again)) return { head, sizeBytes: size };
    }
    throw new Error(`${path} does not hold still`);
  } finally {
    closeSync(file);
  }
}
