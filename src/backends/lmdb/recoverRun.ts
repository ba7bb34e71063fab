import { CorruptedError, SealedError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import type { Backend } from "../Backend.ts";
import { DamagedBackend } from "./DamagedBackend.ts";
import { LmdbBackend } from "./LmdbBackend.ts";
import { openWriterThread } from "./openWriterThread.ts";
import { preflight } from "./preflight.ts";
import { readRunManifest } from "./runFolder.ts";

/**
 * Opens an unsealed run again: one durable transaction raises its epoch, which fences whoever wrote
 * it before and forces to disk whatever of it can be read. A run whose data.mdb is damaged is not
 * written: it is given as one that can only be sealed.
 */
export async function recoverRun(folder: string, onFailure: () => void): Promise<Backend> {
  const manifest = await readRunManifest(folder);
  if (manifest.status !== "running") throw new SealedError(manifest.runId);
  try {
    await preflight(folder);
    return await reopen(folder, manifest, onFailure);
  } catch (error) {
    if (error instanceof CorruptedError) return new DamagedBackend(folder, manifest, error);
    throw error;
  }
}

async function reopen(
  folder: string,
  manifest: RunManifest,
  onFailure: () => void,
): Promise<LmdbBackend> {
  try {
    const opened = await openWriterThread(folder, "recover");
    return new LmdbBackend({ folder, manifest, opened, onFailure });
  } catch (error) {
    // Whatever stopped the first transaction, unless it was given up it may still land.
    if (!(error instanceof CorruptedError)) onFailure();
    throw error;
  }
}
