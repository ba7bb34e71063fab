import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { NotSealedError } from "../../model/errors.ts";
import { classifyError } from "./classifyError.ts";
import { syncFolder } from "./durableFiles.ts";
import { REMOVED_PREFIX } from "./leftovers.ts";
import { readRunManifest } from "./runFolder.ts";

/**
 * Removes a sealed run, as a whole: with its name it stops being a run, and only when that is on disk
 * its files go. Whoever reads it reads on in the files that are open; where the removal ends early,
 * the next lease finishes it.
 *
 * @param folder - the run's folder; the lease of the instance is held.
 */
export async function removeRun(folder: string): Promise<void> {
  const { runId, status } = await readRunManifest(folder);
  if (status === "running") throw new NotSealedError(runId);
  const instanceFolder = dirname(folder);
  const away = join(instanceFolder, REMOVED_PREFIX + basename(folder));
  try {
    await rename(folder, away);
    await syncFolder(instanceFolder);
    await rm(away, { recursive: true, force: true });
  } catch (error) {
    throw classifyError(error, instanceFolder);
  }
}
