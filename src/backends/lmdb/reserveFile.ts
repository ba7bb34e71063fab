import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { syncFolder } from "./durableFiles.ts";

/** The file of a run that keeps room for its end. */
export const RESERVE_FILE_NAME = "reserve";

const RESERVE_BYTES = 4 * 2 ** 20;

/**
 * Takes room on the disk for the last steps of a run, which must be possible on a full one too, and
 * so proves that there is room to begin with: whatever limits us (disk, quota, file size) says so
 * here. The bytes are random, since a file system may store others as less.
 */
export async function writeReserve(folder: string): Promise<void> {
  const bytes = await promisify(randomBytes)(RESERVE_BYTES);
  await writeFile(join(folder, RESERVE_FILE_NAME), bytes, {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
}

/** Gives the room back for good; where that was done before, nothing happens. */
export async function giveBackReserve(folder: string): Promise<void> {
  await rm(join(folder, RESERVE_FILE_NAME), { force: true, recursive: true });
  await syncFolder(folder);
}
