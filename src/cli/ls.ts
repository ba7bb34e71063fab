import { resolve } from "node:path";
import { classifyError } from "../backends/lmdb/classifyError.ts";
import { lmdbCatalog } from "../backends/lmdb/lmdbCatalog.ts";
import { runFolderOf } from "../backends/lmdb/runFolder.ts";
import { storedAnchor } from "../backends/lmdb/storedAnchor.ts";
import { TidemarkError } from "../model/errors.ts";
import type { SnapshotAnchor } from "../model/manifest.ts";
import type { RunSummary } from "../model/Run.ts";
import { checkDirectory } from "./checkDirectory.ts";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { jsonOf } from "./jsonOf.ts";
import { sizeText } from "./sizeText.ts";
import { tableOf, type Column } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { name: "instance" },
  { name: "run" },
  { name: "status" },
  { name: "live" },
  { name: "watermark", align: "right" },
  { name: "entries", align: "right" },
  { name: "size", align: "right" },
  { name: "anchor", align: "right" },
  { name: "parent" },
  { name: "problem" },
];
const NOTHING = "-";

/** A run in the list: what is known without reading its log, and its last snapshot anchor. */
interface ListedRun extends RunSummary {
  readonly lastAnchor?: SnapshotAnchor;
}

/** The options of `ls`. */
export interface LsOptions {
  readonly instance?: string;
  readonly json?: boolean;
}

/** Lists the runs of all instances, or of one, oldest first. */
export async function ls(
  directory: string,
  options: LsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  await checkDirectory(directory, options.instance);
  const runs: ListedRun[] = [];
  for (const summary of await lmdbCatalog({ directory }).list(options.instance)) {
    runs.push(await withAnchor(summary, directory));
  }
  const { stdout } = context;
  if (options.json === true) {
    stdout.write(`${jsonOf(runs)}\n`);
    return 0;
  }
  if (runs.length === 0) {
    stdout.write("no runs\n");
    return 0;
  }
  const hasProblems = runs.some(({ problem }) => problem !== undefined);
  const columns = hasProblems ? COLUMNS : COLUMNS.slice(0, -1);
  stdout.write(await tableOf(columns, runs.map(rowOf), context));
  return 0;
}

/** A log that cannot even be opened is a problem of its run, and no reason not to list the others. */
async function withAnchor(summary: RunSummary, directory: string): Promise<ListedRun> {
  if (summary.problem !== undefined) return summary;
  const { instanceId, runId, status } = summary.manifest;
  const folder = runFolderOf(resolve(directory), instanceId, runId);
  try {
    const lastAnchor =
      status === "running" ? await durableAnchor(folder) : storedAnchor(folder, runId);
    return lastAnchor === undefined ? summary : { ...summary, lastAnchor };
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    return { ...summary, problem: classifyError(error, folder).message };
  }
}

/** What tells of the run and not of this program. */
function isOfDisk(error: unknown): boolean {
  return error instanceof TidemarkError || (error as NodeJS.ErrnoException).syscall !== undefined;
}

/** The last anchor of a run that may be written just now, as far as it is on disk. */
async function durableAnchor(folder: string): Promise<SnapshotAnchor | undefined> {
  const { LmdbRunLog } = await import("../backends/lmdb/LmdbRunLog.ts");
  const log = await LmdbRunLog.open(folder, { check: "edges" });
  try {
    return await log.latestSnapshotAnchor();
  } finally {
    await log.close();
  }
}

function rowOf(run: ListedRun): string[] {
  const { manifest, watermark, sizeBytes, isLive, lastAnchor, problem } = run;
  const { instanceId, runId, status, parentRunId = NOTHING } = manifest;
  const row = [
    instanceId,
    runId,
    status,
    isLive ? "live" : NOTHING,
    String(watermark),
    // Seqs are dense from 1 on.
    String(watermark),
    sizeText(sizeBytes),
    lastAnchor === undefined ? NOTHING : String(lastAnchor.highWatermark),
    parentRunId,
  ];
  return problem === undefined ? row : [...row, problem];
}
