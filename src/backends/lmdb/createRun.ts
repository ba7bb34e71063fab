import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InvalidConfigError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { classifyError } from "./classifyError.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";
import { keepPrivate, makeFolder, syncFolder } from "./durableFiles.ts";
import { LmdbBackend } from "./LmdbBackend.ts";
import { writeManifest } from "./manifestFile.ts";
import { encodeManifest } from "./manifestJson.ts";
import { openWriterThread, type OpenedThread } from "./openWriterThread.ts";

/**
 * Makes a run: its folder, then its environment with a first transaction, then, last, its manifest.
 * So a folder without a manifest was never started, whenever the machine lost its power. Where it
 * fails half-way the folder is removed.
 *
 * @param folder - the run's folder; its parent is there, and the lease of the instance is held.
 */
export async function createRun(
  folder: string,
  manifest: RunManifest,
  onFailure: () => void,
): Promise<LmdbBackend> {
  const { endTsInit: _, ...identity } = manifest;
  const started: RunManifest = { ...identity, highWatermark: 0, status: "running" };
  encodeManifest(started);
  await makeRunFolder(folder, manifest.runId);
  let opened: OpenedThread | undefined;
  try {
    opened = await openWriterThread(folder, "create");
    await keepPrivate([join(folder, DATA_FILE_NAME), join(folder, "lock.mdb")]);
    await syncFolder(folder);
    await writeManifest(folder, started);
    return new LmdbBackend({ folder, manifest: started, opened, onFailure });
  } catch (error) {
    const failure = classifyError(error, dirname(folder));
    await undo(folder, opened);
    throw failure;
  }
}

async function makeRunFolder(folder: string, runId: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new InvalidConfigError("runId", "the id of no other run", runId, { cause: error });
    }
    throw classifyError(error, dirname(folder));
  }
}

/** Takes everything back as far as it goes; what is being told is why. */
async function undo(folder: string, opened: OpenedThread | undefined): Promise<void> {
  try {
    if (opened !== undefined && opened.thread.failure === undefined) {
      await opened.thread.request({ type: "close" });
      await opened.thread.exited();
    }
    await rm(folder, { recursive: true, force: true });
    await syncFolder(dirname(folder));
  } catch {
    // A folder without a manifest is no run: it lies there and harms nobody.
  }
}
