import type { VerifyReport } from "../index.ts";
import type { CommandContext } from "./CommandContext.ts";
import type { ExitCode } from "./exitCodes.ts";
import { findingText } from "./findingText.ts";
import { jsonOf } from "./jsonOf.ts";
import { ENTRIES_FORMAT, progressOn } from "./progress.ts";
import {
  checkOperands,
  runAddressOf,
  type DirectoryAddress,
  type RunOptions,
} from "./runAddress.ts";
import { verifyApart } from "./verifyApart.ts";

/** The options of `verify`. */
export interface VerifyOptions extends RunOptions {
  readonly json?: boolean;
}

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
  const progress = await progressOn(context, ENTRIES_FORMAT);
  try {
    return await verifyApart(address, (seq, total) => progress.update(seq, total));
  } finally {
    progress.stop();
  }
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
