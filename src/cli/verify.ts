import { CorruptedError, listRuns, type VerifyReport } from "../index.ts";
import { DEFAULT_INSTANCE_ID } from "../model/ids.ts";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { findingText } from "./findingText.ts";
import { jsonOf } from "./jsonOf.ts";
import { progressOn } from "./progress.ts";
import {
  checkOperands,
  runAddressOf,
  type DirectoryAddress,
  type RunOptions,
} from "./runAddress.ts";
import { verifyApart, type Verified } from "./verifyApart.ts";

/** The options of `verify`. */
export interface VerifyOptions extends RunOptions {
  readonly json?: boolean;
}

const PROGRESS_FORMAT = "{bar} {percentage} % · {value} of {total} entries";

/** Checks all of a run and prints what is wrong with it. */
export async function verify(
  operands: readonly string[],
  options: VerifyOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 0);
  const report = await reportOf(address, context);
  const { stdout } = context;
  if (options.json === true) {
    stdout.write(`${jsonOf(report)}\n`);
  } else {
    for (const finding of report.findings) {
      stdout.write(`${findingText(finding)}\n`);
      if (stdout.isFull) await stdout.settled();
    }
    stdout.write(`${summaryOf(report)}\n`);
  }
  return report.isClean ? 0 : 1;
}

async function reportOf(address: DirectoryAddress, context: CommandContext): Promise<VerifyReport> {
  const progress = await progressOn(context, PROGRESS_FORMAT);
  try {
    const verified = await verifyApart(address, (seq, total) => progress.update(seq, total));
    const { end, findings } = verified;
    if (end.kind === "done") return { ...end.report, findings };
    if (end.isOfTheLog) return await unfinishedReport(address, verified, end.message);
    throw Object.assign(new Error(end.message), { code: end.code });
  } finally {
    progress.stop();
  }
}

/** The report of a run whose damage kept it from being read to its end, or at all. */
async function unfinishedReport(
  { directory, instanceId = DEFAULT_INSTANCE_ID, runId }: DirectoryAddress,
  { findings, reached }: Verified,
  reason: string,
): Promise<VerifyReport> {
  const runs = await listRuns({ directory, instanceId });
  const run = runs.findLast(({ manifest }) => runId === undefined || manifest.runId === runId);
  if (run === undefined) throw new CorruptedError(reason);
  return {
    runId: run.manifest.runId,
    status: run.manifest.status,
    highWatermark: run.watermark,
    entriesScanned: reached,
    findings: [...findings, { kind: "structure", reason }],
    isClean: false,
  };
}

function summaryOf({
  runId,
  status,
  highWatermark,
  entriesScanned,
  findings,
}: VerifyReport): string {
  const found = findings.length === 0 ? "clean" : `findings: ${findings.length}`;
  return `run ${runId} (${status}): ${found}, ${entriesScanned} entries read, watermark ${highWatermark}`;
}
