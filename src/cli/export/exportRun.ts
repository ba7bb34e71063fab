import { readRun } from "../../runs/readRun.ts";
import type { CommandContext } from "../CommandContext.ts";
import type { ExitCode } from "../exitCodes.ts";
import { isOfCaller } from "../isOfCaller.ts";
import { ENTRIES_FORMAT, progressOn } from "../progress.ts";
import { checkOperands, runAddressOf, type RunOptions } from "../runAddress.ts";
import { EXPORT_FORMATS, type ExportFormat } from "./exportFormats.ts";
import { rowWriterOf } from "./rowWriterOf.ts";

/** The options of `export`. */
export interface ExportOptions extends RunOptions {
  readonly format?: ExportFormat;
  readonly lifecycle?: boolean;
}

/** Entries between two looks at the progress. */
const PROGRESS_EVERY = 256;

/** Prints every entry of a run, oldest first, in a form for other programs. */
export async function exportRun(
  operands: readonly string[],
  options: ExportOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 0);
  const { stdout } = context;
  await using reader = await readRun(address);
  const rows = await rowWriterOf(options.format ?? EXPORT_FORMATS[0], stdout);
  const progress = await progressOn(context, ENTRIES_FORMAT);
  const plan = await reader.snapshotReplayPlan();
  try {
    for await (const entry of reader.entries()) {
      if (stdout.isOver) break;
      if (options.lifecycle === true || isOfCaller(entry)) rows.write(entry);
      if (stdout.isFull) await stdout.settled();
      if (entry.seq % PROGRESS_EVERY === 0) progress.update(entry.seq, plan.toSeq);
    }
  } finally {
    progress.stop();
    // What holds was printed before the damage that ended it.
    rows.end();
  }
  return 0;
}
