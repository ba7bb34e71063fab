import { constants } from "node:fs";
import { chmod, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Forces a folder's list of names to disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and journals their names by itself.
  if (process.platform === "win32") return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder that only its owner may enter, whatever the umask, and forces its name to disk. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: FOLDER_MODE });
  await chmod(folder, FOLDER_MODE);
  await syncFolder(dirname(folder));
}

/** Makes files readable and writable for their owner alone, whatever the umask. */
export async function keepPrivate(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => chmod(file, FILE_MODE)));
}

/**
 * Replaces a file as a whole: after a crash either the old or the new content is there. Where it
 * fails before the new one has its name, the draft is taken away again.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.tmp`;
  try {
    const handle = await open(draft, "w", FILE_MODE);
    try {
      await handle.chmod(FILE_MODE);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    // What counts is why it cannot be replaced, not what is left of the try.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(file));
  await checkStillSynced(file);
}

/**
 * Once xfs has shut down, it goes on to say of folders that they are synced; of files it does not.
 *
 * @throws the error of the file system where what was said before may not hold.
 */
async function checkStillSynced(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
