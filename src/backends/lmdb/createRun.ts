import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BackendError, InvalidConfigError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { classifyError } from "./classifyError.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";
import { keepPrivate, makeFolder, syncFolder } from "./durableFiles.ts";
import { inTime } from "./inTime.ts";
import { LOCK_FILE_NAME } from "./lockFile.ts";
import { LmdbBackend, type OnFailure } from "./LmdbBackend.ts";
import { writeManifest } from "./manifestFile.ts";
import { encodeManifest } from "./manifestJson.ts";
import { openWriterProcess, type OpenedProcess } from "./openWriterProcess.ts";
import { writeReserve } from "./reserveFile.ts";
import type { WriterProcess } from "./WriterProcess.ts";

/**
 * Makes a run: its folder, with room for the end of the run, then its environment with a first
 * transaction, then, last, its manifest. So a folder without a manifest was never started, whenever
 * the machine lost its power. Where it fails half-way the folder is removed.
 *
 * @param folder - the run's folder; its parent is there, and the lease of the instance is held.
 * @param onFailure - called when something of the run may still be written although it has failed.
 */
export async function createRun(
  folder: string,
  manifest: RunManifest,
  onFailure: OnFailure,
): Promise<LmdbBackend> {
  const { endTsInit: _, ...identity } = manifest;
  const started: RunManifest = { ...identity, highWatermark: 0, status: "running" };
  encodeManifest(started);
  let isHung = false;
  const onHang: OnFailure = (isOver) => {
    isHung = true;
    onFailure(isOver);
  };
  await inTime(() => makeRunFolder(folder, manifest.runId), onHang);
  let opened: OpenedProcess | undefined;
  try {
    await inTime(() => writeReserve(folder), onHang);
    opened = await openWriterProcess({ folder, mode: "create", runId: manifest.runId }, onFailure);
    await inTime(() => begin(folder, started), onHang);
    return new LmdbBackend({ folder, manifest: started, opened, onFailure });
  } catch (error) {
    const failure = classifyError(error, dirname(folder));
    await giveUp(opened?.process, onFailure);
    // What hangs would hang here again.
    if (!isHung) await undo(folder);
    throw failure;
  }
}

/** The last step, with which it is a run. */
async function begin(folder: string, manifest: RunManifest): Promise<void> {
  await keepPrivate([DATA_FILE_NAME, LOCK_FILE_NAME].map((name) => join(folder, name)));
  await syncFolder(folder);
  await writeManifest(folder, manifest);
}

async function makeRunFolder(folder: string, runId: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new InvalidConfigError("runId", "the id of no other run", runId, { cause: error });
    }
    // Made, and not forced to disk: nobody else would take it away.
    await rmdir(folder).catch(() => undefined);
    throw classifyError(error, dirname(folder));
  }
}

/** There is nothing in the log that is worth closing it. */
async function giveUp(process: WriterProcess | undefined, onFailure: OnFailure): Promise<void> {
  process?.fail(new BackendError("The run was not created"));
  if (process !== undefined && !(await process.gone())) onFailure(() => process.gone());
}

/** Takes everything back as far as it goes; what is being told is why. */
async function undo(folder: string): Promise<void> {
  try {
    await inTime(async () => {
      await rm(folder, { recursive: true, force: true });
      await syncFolder(dirname(folder));
    });
  } catch {
    // What is left of it lies there and harms nobody: without its manifest it is no run.
  }
}
