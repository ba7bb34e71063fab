import type { RunLog } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import { CorruptedError } from "../model/errors.ts";
import type { RunStatus } from "../model/manifest.ts";
import { anchorFindings } from "./anchorFindings.ts";
import { checkpointFindings } from "./checkpointFindings.ts";
import { endingFindings } from "./endingFindings.ts";
import type { Finding } from "./Finding.ts";
import { FindingList } from "./FindingList.ts";
import { FrameVerifier } from "./FrameVerifier.ts";
import { IndexVerifier } from "./IndexVerifier.ts";
import { manifestFindings } from "./manifestFindings.ts";
import { readFrames } from "./readFrames.ts";
import { closed, type LocatedRun } from "./openLog.ts";
import { locate, type RunAddress } from "./readRun.ts";
import { releasing } from "./releasing.ts";

/** What a verification found. */
export interface VerifyReport {
  readonly runId: string;
  readonly status: RunStatus;
  /** The last durable seq; of a log that cannot be opened, what its manifest says. */
  readonly highWatermark: Seq;
  readonly entriesScanned: number;
  /** The first 10,000 of each kind; `onFinding` is told all. */
  readonly findings: readonly Finding[];
  /** How many there are, also of those that the report has no room for. */
  readonly findingCount: number;
  /** Nothing was found. */
  readonly isClean: boolean;
}

/** Which run to verify, and who wants to hear of it while it goes on. */
export interface VerifyRunOptions extends RunAddress {
  readonly onFinding?: (finding: Finding) => void;
  /** Called after each page with the seq reached. */
  readonly onProgress?: (seq: Seq, highWatermark: Seq) => void;
}

/**
 * Checks all of a run and tells everything that is wrong with it: every entry hash, the density of
 * the seqs, the digest and the chain of the frames, the index, the snapshot anchor, the manifest and
 * the heads that are remembered beside the log. Goes on after damage, changes nothing, and holds one
 * page, what the report has room for, and keys of the index: 20,000 that it has met lately and up to
 * 100,000 that are wrong. A log that cannot even be opened is a finding, too.
 *
 * @throws {@link NotFoundError} where there is no such run, and what keeps it from being read for
 * another reason than damage.
 */
export async function verifyRun(options: VerifyRunOptions): Promise<VerifyReport> {
  const found = new FindingList();
  const find = (finding: Finding): void => {
    found.add(finding);
    options.onFinding?.(finding);
  };
  const verified = await verifyLocated(await locate(options), find, options.onProgress);
  const { report } = found;
  return { ...verified, ...report, isClean: report.findingCount === 0 };
}

type Verified = Omit<VerifyReport, "findings" | "findingCount" | "isClean">;
type Find = (finding: Finding) => void;

async function verifyLocated(
  run: LocatedRun,
  find: Find,
  onProgress: VerifyRunOptions["onProgress"],
): Promise<Verified> {
  let log: RunLog;
  try {
    log = await run.catalog.read(run.instanceId, run.runId, { check: "full" });
  } catch (failure) {
    if (!(failure instanceof CorruptedError)) throw failure;
    return unopened(run, failure, find);
  }
  return releasing(
    () => closed(log),
    () => verifyLog(log, find, onProgress),
  );
}

/** A run whose log cannot be opened: what its manifest says is all that is known. */
async function unopened(
  { catalog, instanceId, runId }: LocatedRun,
  failure: CorruptedError,
  find: Find,
): Promise<Verified> {
  const runs = await catalog.list(instanceId);
  const run = runs.find(({ manifest }) => manifest.runId === runId);
  if (run === undefined) throw failure;
  find({ kind: "structure", reason: failure.reason });
  const { status } = run.manifest;
  return { runId, status, highWatermark: run.watermark, entriesScanned: 0 };
}

async function verifyLog(
  log: RunLog,
  find: Find,
  onProgress: VerifyRunOptions["onProgress"],
): Promise<Verified> {
  const { watermark, manifest } = log;
  const frames = new FrameVerifier(find);
  const index = new IndexVerifier(log, find);
  const isRead = await unlessDamaged(find, async () => {
    await readFrames(log, frames, {
      find,
      onRows: (rows) => index.check(rows),
      onPage: () => onProgress?.(Math.min(frames.nextSeq - 1, watermark), watermark),
    });
    frames.end(watermark);
    for (const finding of manifestFindings(manifest, watermark, frames.maxTsInit)) find(finding);
  });
  const besides: (() => Promise<void>)[] = [
    async () => (await checkpointFindings(log)).forEach(find),
    async () => (await anchorFindings(log)).forEach(find),
  ];
  if (isRead) {
    besides.push(async () => (await endingFindings(log)).forEach(find));
    // An index that is compared with half of the entries would be found to be wrong.
    besides.push(() => index.end());
  }
  for (const check of besides) await unlessDamaged(find, check);
  return {
    runId: manifest.runId,
    status: manifest.status,
    highWatermark: watermark,
    entriesScanned: frames.entriesScanned,
  };
}

/** Whether a check could be made; what leads to what it needs may be damaged, which is told. */
async function unlessDamaged(find: Find, check: () => Promise<void>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (failure) {
    if (!(failure instanceof CorruptedError)) throw failure;
    find({ kind: "structure", reason: failure.reason });
    return false;
  }
}
