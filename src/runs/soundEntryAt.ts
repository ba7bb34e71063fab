import type { RunLog } from "../backends/Backend.ts";
import { decodeFrame } from "../format/decodeFrame.ts";
import type { Entry, Seq } from "../model/entry.ts";
import { CorruptedError, TidemarkError } from "../model/errors.ts";
import { pageOf } from "./seqBehind.ts";

/** One entry of a log by its own proof; undefined where there is none that holds. */
export async function soundEntryAt(log: RunLog, seq: Seq): Promise<Entry | undefined> {
  const page = await pageOf(log, seq, { maxBytes: 1 });
  const bytes = page instanceof CorruptedError ? undefined : page[0];
  if (bytes === undefined) return undefined;
  try {
    return decodeFrame(bytes).entryAt(seq);
  } catch (failure) {
    if (failure instanceof TidemarkError) return undefined;
    throw failure;
  }
}
