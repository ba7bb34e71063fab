import { CorruptedError, SealedError } from "../../model/errors.ts";
import type { Backend } from "../Backend.ts";
import { classifyError } from "./classifyError.ts";
import { DamagedBackend } from "./DamagedBackend.ts";
import { LmdbBackend } from "./LmdbBackend.ts";
import { openWriterThread } from "./openWriterThread.ts";
import { preflight } from "./preflight.ts";
import { readRunManifest } from "./runFolder.ts";

/**
 * Opens an unsealed run again: one durable transaction raises its epoch, which fences whoever wrote
 * it before and forces to disk whatever of it can be read. A run whose data.mdb must not be opened
 * is given as one that can only be sealed.
 */
export async function recoverRun(folder: string, onFailure: () => void): Promise<Backend> {
  const manifest = await readRunManifest(folder);
  if (manifest.status !== "running") throw new SealedError(manifest.runId);
  try {
    await preflight(folder);
  } catch (error) {
    if (error instanceof CorruptedError) return new DamagedBackend(folder, manifest, error);
    throw error;
  }
  try {
    const opened = await openWriterThread(folder, "recover");
    return new LmdbBackend({ folder, manifest, opened, onFailure });
  } catch (error) {
    // LMDB was touched, and what it started may still land.
    onFailure();
    throw classifyError(error, folder);
  }
}
