import { randomUUID } from "node:crypto";
import { link, lstat, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The name that LMDB gives the file of its locks and readers. */
export const LOCK_FILE_NAME = "lock.mdb";

/** More than 512 readers need, in whole pages; `SyncMark` has the end of it. */
export const LOCK_FILE_BYTES = 36_864;

/**
 * Writes the lock file of an environment in full where there is none. LMDB would leave a hole and
 * map it, and on a full disk the first touch of that map ends the process; here it is an error.
 *
 * The file appears as a whole or not at all: another process may be about to open the environment.
 */
export async function reserveLockFile(folder: string): Promise<void> {
  const path = join(folder, LOCK_FILE_NAME);
  const draft = `${path}.${randomUUID()}`;
  try {
    if (await isThere(path)) return;
    await writeFile(draft, new Uint8Array(LOCK_FILE_BYTES), {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** What LMDB cannot open as a file is moved out of its way: it is none of ours. */
async function isThere(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile()) await rename(path, `${path}.${randomUUID()}`);
    return stats.isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
