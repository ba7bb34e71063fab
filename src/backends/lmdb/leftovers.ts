import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { inTime } from "./inTime.ts";
import { lookAtEach } from "./lookAtEach.ts";
import { MANIFEST_FILE_NAME } from "./manifestFile.ts";
import { giveBackReserve, RESERVE_FILE_NAME } from "./reserveFile.ts";
import { idsIn } from "./runFolder.ts";

const REFUSED_CODES: ReadonlySet<unknown> = new Set(["EACCES", "EPERM"]);

/** What a run is renamed to on its way out; no id starts with a dot. */
export const REMOVED_PREFIX = ".removed-";

/**
 * Clears away what was cut short in an instance's folder: runs on their way out, and the reserves of
 * runs that were never started. What else is in the folder of such a run stays: nothing that may be
 * data is removed unasked. What cannot be removed stays, too: a run on its way out is in nobody's way
 * whatever the reason, and a reserve where we are refused. The lease is held.
 */
export async function clearLeftovers(instanceFolder: string): Promise<void> {
  const names = await inTime(() => readdir(instanceFolder));
  const removed = names.filter((name) => name.startsWith(REMOVED_PREFIX));
  // No failure of theirs must keep a run from being opened: it is only room on the disk, which the
  // next lease tries to have again. A disk that fails will tell where a run is written.
  const remove = (name: string): Promise<void> =>
    rm(join(instanceFolder, name), { recursive: true, force: true });
  await inTime(() => Promise.allSettled(removed.map(remove))).catch(() => undefined);
  const ids = await inTime(() => idsIn(instanceFolder, false));
  await lookAtEach(ids, (id) => unlessRefused(giveBack(join(instanceFolder, id))));
}

async function giveBack(folder: string): Promise<void> {
  if (await isThere(join(folder, MANIFEST_FILE_NAME))) return;
  if (await isThere(join(folder, RESERVE_FILE_NAME))) await giveBackReserve(folder);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function unlessRefused(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!REFUSED_CODES.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
