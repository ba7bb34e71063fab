import { InvalidConfigError } from "../model/errors.ts";
import type { RunSummary } from "../model/Run.ts";
import { applyRetention, type AppliedRetention } from "../runs/applyRetention.ts";
import { planRetention, type RetentionPlan } from "../runs/planRetention.ts";
import type { KeepReason, RetentionMode } from "../runs/retain.ts";
import { checkDirectory } from "./checkDirectory.ts";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { integerOf } from "./integerOf.ts";
import { jsonOf } from "./jsonOf.ts";
import { instanceOf } from "./runAddress.ts";
import { sizeText } from "./sizeText.ts";
import { tableOf, type Column } from "./table.ts";

/** The options of `gc`. */
export interface GcOptions {
  readonly keepLast?: string;
  readonly snapshotAnchored?: boolean;
  readonly instance?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

type Reason = KeepReason | "locked";
type Row = readonly [run: RunSummary, reason: Reason | undefined];

const COLUMNS: readonly Column[] = [
  { name: "instance" },
  { name: "run" },
  { name: "status" },
  { name: "size", align: "right" },
  { name: "stays" },
];
const GOES = "no";

const REASONS: Readonly<Record<Reason, string>> = {
  full: "everything does",
  newest: "among the newest",
  unsealed: "not sealed",
  problem: "has a problem",
  "restore-point": "newest with a snapshot",
  "after-restore-point": "after the snapshot",
  "no-restore-point": "no run has a snapshot",
  parent: "one that stays needs it",
  locked: "somebody writes the instance",
};

/** Tells which runs can go, and removes them where it is asked to. */
export async function gc(
  directory: string,
  options: GcOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const mode = modeOf(options);
  await checkDirectory(directory, options.instance);
  const plan = await planRetention({ directory, ...instanceOf(options.instance), ...mode });
  const { stdout } = context;
  const applied = options.apply === true ? await appliedTo(plan, options, context) : undefined;
  if (options.json === true) stdout.write(`${jsonOf(reportOf(plan, applied))}\n`);
  else stdout.write(await textOf(plan, applied, context));
  // What was asked for was not done where an instance could not be had.
  return applied?.kept.some(({ reason }) => reason === "locked") === true ? 2 : 0;
}

/** Whatever becomes of it later, each run that is gone is told: as it goes, or where that fails. */
async function appliedTo(
  plan: RetentionPlan,
  { json }: GcOptions,
  { stdout }: CommandContext,
): Promise<AppliedRetention> {
  const removed: RunSummary[] = [];
  const onRemoved = (run: RunSummary): void => {
    removed.push(run);
    if (json !== true) stdout.write(`removed ${idOf(run)}\n`);
  };
  try {
    return await applyRetention(plan, { onRemoved });
  } catch (failure) {
    if (json === true) {
      stdout.write(`${jsonOf({ isApplied: false, removed, bytes: bytesOf(removed) })}\n`);
    }
    throw failure;
  }
}

function modeOf({ keepLast, snapshotAnchored }: GcOptions): RetentionMode {
  if ((keepLast !== undefined) === (snapshotAnchored === true)) {
    const limit = "one of --keep-last N and --snapshot-anchored";
    throw new InvalidConfigError("what to keep", limit, keepLast);
  }
  return keepLast === undefined
    ? { mode: "snapshot-anchored" }
    : { mode: "bounded", keepLast: integerOf("--keep-last", keepLast, 0) };
}

/** What goes, or went, and what stays. */
function reportOf(plan: RetentionPlan, applied: AppliedRetention | undefined): object {
  const runs = applied?.removed ?? plan.reclaimCandidates;
  return {
    isApplied: applied !== undefined,
    [applied === undefined ? "candidates" : "removed"]: runs,
    bytes: bytesOf(runs),
    kept: rowsOf(plan, applied).flatMap(([run, reason]) =>
      reason === undefined ? [] : [{ run, reason }],
    ),
  };
}

async function textOf(
  plan: RetentionPlan,
  applied: AppliedRetention | undefined,
  context: CommandContext,
): Promise<string> {
  const rows = rowsOf(plan, applied);
  if (rows.length === 0) return "no runs\n";
  const table = await tableOf(COLUMNS, rows.map(cellsOf), context);
  return `${table}\n${summaryOf(plan, applied)}\n`;
}

/** Every run that there was, oldest first, and why it stays, if it does. */
function rowsOf(plan: RetentionPlan, applied: AppliedRetention | undefined): readonly Row[] {
  const kept = [...plan.kept, ...(applied?.kept ?? [])];
  const reasons = new Map<string, Reason>(kept.map(({ run, reason }) => [idOf(run), reason]));
  return [...plan.reclaimCandidates, ...plan.kept.map(({ run }) => run)]
    .toSorted((a, b) => Number(a.manifest.startTsInit - b.manifest.startTsInit))
    .map((run) => [run, reasons.get(idOf(run))]);
}

function idOf({ manifest }: RunSummary): string {
  return `${manifest.instanceId}/${manifest.runId}`;
}

function cellsOf([{ manifest, sizeBytes }, reason]: Row): string[] {
  const { instanceId, runId, status } = manifest;
  const stays = reason === undefined ? GOES : REASONS[reason];
  return [instanceId, runId, status, sizeText(sizeBytes), stays];
}

function summaryOf(plan: RetentionPlan, applied: AppliedRetention | undefined): string {
  const runs = applied?.removed ?? plan.reclaimCandidates;
  const what = `${runs.length} ${runs.length === 1 ? "run" : "runs"}, ${sizeText(bytesOf(runs))}`;
  if (applied !== undefined) return `removed: ${what}`;
  return `can go: ${what}${runs.length === 0 ? "" : " (--apply removes them)"}`;
}

function bytesOf(runs: readonly RunSummary[]): number {
  return runs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
