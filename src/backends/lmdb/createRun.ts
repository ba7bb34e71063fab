import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InvalidConfigError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { classifyError } from "./classifyError.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";
import { keepPrivate, makeFolder, syncFolder } from "./durableFiles.ts";
import { LOCK_FILE_NAME } from "./lockFile.ts";
import { LmdbBackend } from "./LmdbBackend.ts";
import { writeManifest } from "./manifestFile.ts";
import { encodeManifest } from "./manifestJson.ts";
import { openWriterThread, type OpenedThread } from "./openWriterThread.ts";
import type { WriterThread } from "./WriterThread.ts";

const ROOM_BYTES = 256 * 1024;

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
    await proveRoom(folder);
    opened = await openWriterThread(folder, "create");
    await keepPrivate([DATA_FILE_NAME, LOCK_FILE_NAME].map((name) => join(folder, name)));
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

/**
 * Writes as much as a new environment and its first commits need, and takes it away again: whatever
 * limits us (disk, quota, file size) says so here, where LMDB would end the process over it.
 */
async function proveRoom(folder: string): Promise<void> {
  const path = join(folder, "room.tmp");
  await writeFile(path, new Uint8Array(ROOM_BYTES), { mode: 0o600, flush: true });
  await rm(path);
}

/** Takes everything back as far as it goes; what is being told is why. */
async function undo(folder: string, opened: OpenedThread | undefined): Promise<void> {
  try {
    if (opened !== undefined) await end(opened.thread);
    await rm(folder, { recursive: true, force: true });
    await syncFolder(dirname(folder));
  } catch {
    // What is left of it lies there and harms nobody: without its manifest it is no run.
  }
}

async function end(thread: WriterThread): Promise<void> {
  try {
    await thread.request({ type: "close" });
    await thread.exited();
  } catch {
    // It has failed, and is left to itself; its folder goes all the same.
  }
}
