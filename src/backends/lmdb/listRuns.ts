import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FORMAT_VERSION } from "../../format/formatVersion.ts";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError, NotFoundError, TidemarkError } from "../../model/errors.ts";
import type { RunManifest } from "../../model/manifest.ts";
import type { RunSummary } from "../../model/Run.ts";
import { inTime } from "./inTime.ts";
import { isLeaseHeld } from "./lease.ts";
import { lookAtEach } from "./lookAtEach.ts";
import { idsIn, isRealFolder, readRunManifest } from "./runFolder.ts";

type Found = Omit<RunSummary, "isLive">;

/** The start that the ids of runs begin with: nanoseconds since the Unix epoch. */
const START_OF_ID = /^([0-9]{1,20})-/;

/**
 * The runs in an instance's folder, in no order. Folders without a manifest were never started.
 *
 * @param since - leaves out those whose ids say that they began before this one.
 */
export async function listRuns(
  instanceFolder: string,
  since?: string,
): Promise<readonly RunSummary[]> {
  if (!(await inTime(() => isRealFolder(instanceFolder)))) return [];
  const from = since === undefined ? undefined : startIn(since);
  const ids = await inTime(() => idsIn(instanceFolder, true));
  const runIds = ids.filter((runId) => {
    const start = startIn(runId);
    return from === undefined || start === undefined || start >= from;
  });
  const looked = await lookAtEach(runIds, (id) => look(join(instanceFolder, id)));
  const found = looked.filter((run) => run !== undefined);
  const isHeld = await isLeaseHeld(instanceFolder);
  // The holder of the lease writes the newest run; older ones it has yet to recover.
  const newest = isHeld ? found.reduce<Found | undefined>(newer, undefined) : undefined;
  return found.map((run) => {
    const isLive = run === newest && run.manifest.status === "running";
    return Object.assign(run, { isLive });
  });
}

async function look(folder: string): Promise<Found | undefined> {
  let manifest: RunManifest | undefined;
  try {
    manifest = await readRunManifest(folder);
    const watermark = await watermarkOf(folder, manifest);
    return { manifest, watermark, sizeBytes: await sizeOf(folder) };
  } catch (error) {
    if (error instanceof NotFoundError || isGone(error)) return undefined;
    if (!(error instanceof TidemarkError)) throw error;
    const sizeBytes = await sizeOf(folder).catch(() => 0);
    const known = manifest ?? guessedManifest(folder);
    return { manifest: known, watermark: known.highWatermark, sizeBytes, problem: error.message };
  }
}

async function watermarkOf(folder: string, manifest: RunManifest): Promise<Seq> {
  if (manifest.status !== "running") return manifest.highWatermark;
  // Sealed runs are listed without what reads a log: most of them are, and to load it takes a while.
  const { LmdbRunLog } = await import("./LmdbRunLog.ts");
  const log = await LmdbRunLog.open(folder, { check: "edges" });
  try {
    const problem = await log.headProblem();
    if (problem !== undefined) throw new CorruptedError(problem);
    return log.watermark;
  } finally {
    await log.close();
  }
}

/** What the path tells of a run whose manifest cannot be read. It counts as not sealed. */
function guessedManifest(folder: string): RunManifest {
  const runId = basename(folder);
  return {
    formatVersion: FORMAT_VERSION,
    runId,
    instanceId: basename(dirname(folder)),
    identity: {},
    startTsInit: startIn(runId) ?? 0n,
    highWatermark: 0,
    status: "running",
  };
}

/** When a run began, by its id; undefined for an id of another form. */
function startIn(runId: string): bigint | undefined {
  const start = START_OF_ID.exec(runId)?.[1];
  return start === undefined ? undefined : BigInt(start);
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => sizeOfFile(join(folder, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A run may be removed while it is looked at. */
function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

async function sizeOfFile(path: string): Promise<number> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    // Drafts of files come and go beside a writer.
    if (isGone(error)) return 0;
    throw error;
  }
}

function newer(newest: Found | undefined, run: Found): Found {
  return newest === undefined || newest.manifest.startTsInit < run.manifest.startTsInit
    ? run
    : newest;
}
