import type { Finding, VerifyReport } from "../index.ts";
import { FindingList } from "../runs/FindingList.ts";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { tellFailure } from "./failure.ts";
import { findingText } from "./findingText.ts";
import { jsonOf } from "./jsonOf.ts";
import { ENTRIES_FORMAT, progressOn, type Progress } from "./progress.ts";
import { checkOperands, runAddressOf, type RunOptions } from "./runAddress.ts";
import { unfinishedReport } from "./unfinishedReport.ts";
import { verifyApart } from "./verifyApart.ts";

/** The options of `verify`. */
export interface VerifyOptions extends RunOptions {
  readonly json?: boolean;
}

/**
 * Checks all of a run and prints what is wrong with it: each finding as it comes, or one report. What
 * was found is told also where the check breaks off.
 */
export async function verify(
  operands: readonly string[],
  options: VerifyOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 0);
  const { stdout } = context;
  const isJson = options.json === true;
  const progress = await progressOn(context, ENTRIES_FORMAT);
  const found = new FindingList();
  let reached = 0;
  try {
    const verified = await verifyApart(address, {
      onFinding: (finding) => {
        found.add(finding);
        if (!isJson) printBeside(progress, finding, context);
      },
      onProgress: ({ seq, highWatermark, findingCount }) => {
        reached = seq;
        found.raiseTo(findingCount);
        progress.update(seq, highWatermark);
      },
    });
    progress.stop();
    found.raiseTo(verified.findingCount);
    const report = { ...verified, ...found.report };
    stdout.write(`${isJson ? jsonOf(report) : summaryOf(report)}\n`);
    return report.isClean ? 0 : 1;
  } catch (error) {
    progress.stop();
    const report = await unfinishedReport(address, { found, reached, error });
    if (report === undefined) throw error;
    if (isJson) stdout.write(`${jsonOf(report)}\n`);
    tellFailure(error, context);
    return 1;
  } finally {
    progress.stop();
  }
}

/** At once: whoever waits for the end of a long check sees what it finds. */
function printBeside(
  progress: Progress,
  finding: Finding,
  { stdout, stderr }: CommandContext,
): void {
  progress.stepAside();
  stderr.flush();
  stdout.write(`${findingText(finding)}\n`);
  stdout.flush();
}

function summaryOf({
  runId,
  status,
  highWatermark,
  entriesScanned,
  findings,
  findingCount,
}: VerifyReport): string {
  const listed = findings.length < findingCount ? ` (${findings.length} of them listed)` : "";
  const found = findingCount === 0 ? "clean" : `findings: ${findingCount}${listed}`;
  return `run ${runId} (${status}): ${found}, ${entriesScanned} entries read, watermark ${highWatermark}`;
}
