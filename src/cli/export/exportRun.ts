import { InvalidConfigError } from "../../model/errors.ts";
import { readRun } from "../../runs/readRun.ts";
import type { CommandContext } from "../CommandContext.ts";
import type { ExitCode } from "../exitCodes.ts";
import { isOfCaller } from "../isOfCaller.ts";
import { ENTRIES_FORMAT, lastSeqOf, progressOn } from "../progress.ts";
import { checkOperands, runAddressOf, type RunOptions } from "../runAddress.ts";
import { EXPORT_FORMATS, type ExportFormat } from "./exportFormats.ts";
import { rowWriterOf } from "./rowWriterOf.ts";

/** The options of `export`. */
export interface ExportOptions extends RunOptions {
  readonly format?: ExportFormat;
  readonly lifecycle?: boolean;
}

/** Prints every entry of a run, oldest first, in a form for other programs. */
export async function exportRun(
  operands: readonly string[],
  options: ExportOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { address, rest } = runAddressOf(operands, options);
  checkOperands(rest, 0);
  const { format = EXPORT_FORMATS[0], lifecycle = false } = options;
  if (format === "payload" && lifecycle) {
    throw new InvalidConfigError("--lifecycle", "absent: record takes no such payload", lifecycle);
  }
  const { stdout } = context;
  await using reader = await readRun(address);
  const rows = await rowWriterOf(format, stdout);
  const lastSeq = await lastSeqOf(reader);
  const progress = await progressOn(context, ENTRIES_FORMAT, { besideOutput: true });
  try {
    for await (const entry of reader.entries()) {
      if (stdout.isOver) break;
      if (lifecycle || isOfCaller(entry)) rows.write(entry);
      if (stdout.isFull) await stdout.settled();
      progress.update(entry.seq, lastSeq);
    }
  } finally {
    progress.stop();
    // What holds was printed before the damage that ended it.
    rows.end();
  }
  return 0;
}
