import { listRuns, type RunSummary } from "../../src/index.ts";
import { judgeRun } from "../support/judgeRun.ts";
import { parentFaults } from "../support/parentFaults.ts";
import type { Death } from "./Death.ts";

/** Entries that are handed in together. */
export const GROUP = 10;

/** Programs that were killed one after the other in a directory, and what they left. */
export interface Deaths {
  readonly directory: string;
  readonly deaths: readonly Pick<Death, "log">[];
  /** The run that was opened when they were all dead, and closed. */
  readonly lastRunId: string;
}

/** What is left of one program: its run, and what of it breaks a promise. */
export interface Remains {
  /** Which program; undefined where nobody was told of the run. */
  readonly death: number | undefined;
  readonly watermark: number;
  readonly breaches: readonly string[];
}

/** Judges every run of a directory: those that were told of, and those whose program died before. */
export async function judgeDirectory(left: Deaths): Promise<readonly Remains[]> {
  const runs = await listRuns({ directory: left.directory });
  const remains: Remains[] = [];
  for (const run of runs) remains.push(await judgeSummary(run, left));
  const found = new Set(runs.map(({ manifest }) => manifest.runId));
  const faults = parentFaults(runs.map(({ manifest }) => manifest));
  return [
    ...remains,
    { death: undefined, watermark: 0, breaches: [...faults, ...unrecovered(left.deaths)] },
    ...left.deaths.flatMap(({ log: { runId } }, death) =>
      runId === undefined || found.has(runId)
        ? []
        : [{ death, watermark: 0, breaches: [`${runId} is gone`] }],
    ),
  ];
}

async function judgeSummary({ manifest, problem }: RunSummary, left: Deaths): Promise<Remains> {
  const { directory, deaths, lastRunId } = left;
  const { runId } = manifest;
  const death = deaths.findIndex(({ log }) => log.runId === runId);
  const log = deaths[death]?.log;
  const isLast = runId === lastRunId;
  const { watermark, breaches } = await judgeRun({
    directory,
    runId,
    acknowledged: acknowledgedBy(log),
    group: GROUP,
    // Their writers never close them, so there is no other end.
    statuses: [isLast ? "ended" : "crashed-recovered"],
  });
  const all = [
    ...(problem === undefined ? [] : [`listed with ${problem}`]),
    ...(watermark > mostOf(log, isLast) ? [`${watermark} entries are too many`] : []),
    ...breaches,
  ].map((breach) => `${runId}: ${breach}`);
  return { death: log === undefined ? undefined : death, watermark, breaches: all };
}

/** What a halt says of the log is a promise as well. */
function acknowledgedBy(log: Death["log"] | undefined): number {
  return Math.max(log?.acknowledged ?? 0, log?.halt?.lastDurableSeq ?? 0);
}

/** How many entries a run can have at the most, by what was said of it. */
function mostOf(log: Death["log"] | undefined, isLast: boolean): number {
  if (log === undefined) return isLast ? 2 : 1;
  const { halt } = log;
  return halt === undefined ? Infinity : halt.lastDurableSeq + halt.lostEntries;
}

/** Whoever opens has recovered the run of the one before. */
function unrecovered(deaths: readonly Pick<Death, "log">[]): readonly string[] {
  return deaths.flatMap(({ log }, at) => {
    const before = deaths[at - 1]?.log.runId;
    if (log.runId === undefined || before === undefined) return [];
    const isRecovered = log.recovered.some(({ runId }) => runId === before);
    return isRecovered ? [] : [`${log.runId} was opened without recovering ${before}`];
  });
}
