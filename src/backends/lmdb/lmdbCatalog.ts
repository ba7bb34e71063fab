import { resolve } from "node:path";
import { CorruptedError, InvalidConfigError } from "../../model/errors.ts";
import type { RunSummary } from "../../model/Run.ts";
import type { RunLog } from "../Backend.ts";
import type { Lease, ListOptions, ReadOptions, RunCatalog } from "../RunCatalog.ts";
import { classifyError } from "./classifyError.ts";
import { inTime } from "./inTime.ts";
import { listRuns } from "./listRuns.ts";
import {
  directoryError,
  idsIn,
  instanceFolderOf,
  makeDirectory,
  makeInstanceFolder,
  readRunManifest,
  runFolderOf,
} from "./runFolder.ts";

/**
 * Runs in a directory, each an LMDB environment of its own in `<directory>/<instanceId>/<runId>/`.
 * The directory is made when the first lease is taken. Nothing is opened or loaded until then.
 *
 * @throws {@link InvalidConfigError} for a `directory` that is no path.
 */
export function lmdbCatalog({ directory }: { readonly directory: string }): RunCatalog {
  if (typeof directory !== "string" || directory === "" || directory.includes("\0")) {
    throw new InvalidConfigError("directory", "the path of a folder", directory);
  }
  return new LmdbCatalog(resolve(directory));
}

class LmdbCatalog implements RunCatalog {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async acquire(instanceId: string): Promise<Lease> {
    const folder = instanceFolderOf(this.#directory, instanceId);
    await inTime(async () => {
      await makeDirectory(this.#directory);
      await makeInstanceFolder(folder);
    });
    // Whoever only looks need not load what writes, nor what reads.
    const { LmdbLease } = await loaded(import("./LmdbLease.ts"), folder);
    return LmdbLease.acquire(this.#directory, instanceId);
  }

  async list(instanceId?: string, { since }: ListOptions = {}): Promise<readonly RunSummary[]> {
    try {
      const instanceIds =
        instanceId === undefined ? await idsIn(this.#directory, false) : [instanceId];
      const folders = instanceIds.map((id) => instanceFolderOf(this.#directory, id));
      const runs: RunSummary[] = [];
      // One after the other: each looks at as many runs at once as may be.
      for (const folder of folders) runs.push(...(await listRuns(folder, since)));
      return runs.toSorted(byAge);
    } catch (error) {
      throw directoryError(error, this.#directory);
    }
  }

  async read(instanceId: string, runId: string, options?: ReadOptions): Promise<RunLog> {
    const folder = runFolderOf(this.#directory, instanceId, runId);
    const { LmdbRunLog } = await loaded(import("./LmdbRunLog.ts"), folder);
    try {
      return await LmdbRunLog.open(folder, options);
    } catch (failure) {
      // A run that is removed while it is opened looks like one whose files are missing.
      if (failure instanceof CorruptedError) await readRunManifest(folder);
      throw failure;
    }
  }
}

/** A part of ours. That it cannot be loaded, with no file descriptor left, is told as any failure. */
function loaded<Part>(part: Promise<Part>, folder: string): Promise<Part> {
  return part.catch((error: unknown) => {
    throw classifyError(error, folder);
  });
}

function byAge({ manifest: a }: RunSummary, { manifest: b }: RunSummary): number {
  if (a.startTsInit !== b.startTsInit) return a.startTsInit < b.startTsInit ? -1 : 1;
  return a.runId < b.runId ? -1 : Number(a.runId > b.runId);
}
