import type { RunSummary, Seq, VerifyReport } from "../index.ts";
import type { FindingList } from "../runs/FindingList.ts";
import { locate } from "../runs/readRun.ts";
import { exitCodeOf } from "./exitCodes.ts";
import type { DirectoryAddress } from "./runAddress.ts";

/** What a verification has told before it broke off. */
export interface Unfinished {
  /** Gets the end as well, where it is one of damage. */
  readonly found: FindingList;
  /** The last seq that was read. */
  readonly reached: Seq;
  /** Why it broke off. */
  readonly error: unknown;
}

/**
 * The report of a verification that broke off: what was found until then, and the end itself where it
 * is one of damage. Undefined where nothing is known to be wrong with the run, or nothing of it.
 */
export async function unfinishedReport(
  address: DirectoryAddress,
  { found, reached, error }: Unfinished,
): Promise<VerifyReport | undefined> {
  const isOfDamage = exitCodeOf(error) === 1 && error instanceof Error;
  if (isOfDamage) found.add({ kind: "structure", reason: error.message });
  if (found.report.findingCount === 0) return undefined;
  // What keeps the run from being found says less than what broke the verification off.
  const run = await summaryOf(address).catch(() => undefined);
  if (run === undefined) return undefined;
  const { runId, status } = run.manifest;
  const highWatermark = run.watermark;
  return { runId, status, highWatermark, entriesScanned: reached, ...found.report, isClean: false };
}

async function summaryOf(address: DirectoryAddress): Promise<RunSummary | undefined> {
  const { catalog, instanceId, runId } = await locate(address);
  const runs = await catalog.list(instanceId);
  return runs.find(({ manifest }) => manifest.runId === runId);
}
