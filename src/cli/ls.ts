import { listRuns, type RunSummary } from "../index.ts";
import { checkDirectory } from "./checkDirectory.ts";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { jsonOf } from "./jsonOf.ts";
import { tableOf, type Column } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { name: "instance" },
  { name: "run" },
  { name: "status" },
  { name: "live" },
  { name: "watermark", align: "right" },
  { name: "size", align: "right" },
  { name: "parent" },
  { name: "problem" },
];
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const UNIT_STEP = 1024;
const NOTHING = "-";

/** Lists the runs of all instances, oldest first. */
export async function ls(
  directory: string,
  options: { readonly json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  await checkDirectory(directory);
  const runs = await listRuns({ directory });
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

function rowOf({ manifest, watermark, sizeBytes, isLive, problem }: RunSummary): string[] {
  const { instanceId, runId, status, parentRunId = NOTHING } = manifest;
  const live = isLive ? "live" : NOTHING;
  const row = [
    instanceId,
    runId,
    status,
    live,
    String(watermark),
    sizeText(sizeBytes),
    parentRunId,
  ];
  return problem === undefined ? row : [...row, problem];
}

function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= UNIT_STEP && unit < UNITS.length - 1) {
    size /= UNIT_STEP;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}
