import { CorruptedError, SealedError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import type { Backend } from "../Backend.ts";
import { classifyError, freeBytesOf, RESERVED_DISK_BYTES } from "./classifyError.ts";
import { DamagedBackend } from "./DamagedBackend.ts";
import { inTime } from "./inTime.ts";
import { LmdbBackend, type OnFailure } from "./LmdbBackend.ts";
import { openWriterProcess } from "./openWriterProcess.ts";
import { giveBackReserve } from "./reserveFile.ts";
import { readRunManifest } from "./runFolder.ts";

/** How long a run that is recovered may take to be sealed, and to be closed. */
const END_WITHIN_MS = 10_000;

/**
 * Opens an unsealed run again: one durable transaction raises its epoch, which fences whoever wrote
 * it before and forces to disk whatever of it can be read. A run whose data.mdb is damaged is not
 * written: it is given as one that can only be sealed.
 *
 * @param onFailure - called once when the run may still be written although its backend has failed.
 */
export async function recoverRun(folder: string, onFailure: OnFailure): Promise<Backend> {
  const manifest = await inTime(() => readRunManifest(folder));
  if (manifest.status !== "running") throw new SealedError(manifest.runId);
  try {
    return await reopen(folder, manifest, onFailure);
  } catch (error) {
    const failure = classifyError(error, folder);
    if (failure instanceof CorruptedError) {
      return new DamagedBackend({ folder, manifest, damage: failure, onHang: onFailure });
    }
    throw failure;
  }
}

async function reopen(
  folder: string,
  manifest: RunManifest,
  onFailure: OnFailure,
): Promise<LmdbBackend> {
  // To end the run is what the room was kept for.
  if (freeBytesOf(folder) < RESERVED_DISK_BYTES) {
    await inTime(() => giveBackReserve(folder), onFailure);
  }
  const { runId } = manifest;
  const opened = await openWriterProcess({ folder, mode: "recover", runId }, onFailure);
  return new LmdbBackend({ folder, manifest, opened, onFailure, endWithinMs: END_WITHIN_MS });
}
