import type { Checkpoint, Checkpoints, RunLog } from "../backends/Backend.ts";
import { checkDigest } from "../format/decodeFrame.ts";
import { CorruptedError, TidemarkError } from "../model/errors.ts";
import { awaited } from "./awaited.ts";
import { headerOf } from "./headerOf.ts";

/** What is remembered of a log's heads beside it: nothing, where it cannot be rolled back. */
export async function checkpointsOf(log: RunLog, whole: boolean = false): Promise<Checkpoints> {
  return log.checkpoints === undefined ? {} : awaited(log.checkpoints({ whole }));
}

/**
 * How a log contradicts the latest head that is remembered of it: it was rolled back, or is another
 * log. Undefined where it does not, or where what is there cannot be read: who reads it is told.
 */
export async function headProblemOf(
  log: RunLog,
  latest: Checkpoint | undefined,
): Promise<string | undefined> {
  if (latest === undefined) return undefined;
  const { seq, digest } = latest;
  // What was remembered after the last look at the log is no contradiction.
  const watermark = log.watermark < seq ? await awaited(log.refresh()) : log.watermark;
  if (watermark < seq) return `The log ends at ${watermark} and was at ${seq} before`;
  const [bytes] = await awaited(log.framesFrom(seq, { maxBytes: 1 }));
  const head = bytes === undefined ? undefined : linkOf(bytes);
  if (head === undefined || head.fromSeq > seq) return undefined;
  const isSame = head.toSeq === seq && Buffer.compare(head.digest, digest) === 0;
  return isSame ? undefined : `The log has another frame at ${seq} than it had before`;
}

/**
 * Checks that a log ends where its run does: not before a head that is remembered of it, and, once
 * it is sealed, where its manifest says. A quarantined run may be read as far as it goes.
 *
 * @throws {@link CorruptedError}
 */
export async function checkHead(log: RunLog): Promise<void> {
  const { status, highWatermark } = log.manifest;
  if (status === "quarantined") return;
  if (status !== "running" && log.watermark !== highWatermark) {
    throw new CorruptedError(
      `The run was sealed at ${highWatermark}, its log ends at ${log.watermark}`,
    );
  }
  const { latest } = await checkpointsOf(log);
  const problem = await headProblemOf(log, latest);
  if (problem !== undefined) throw new CorruptedError(problem);
}

/** The header of a frame that is whole. */
function linkOf(bytes: Uint8Array): ReturnType<typeof headerOf> | undefined {
  try {
    checkDigest(bytes);
    return headerOf(bytes);
  } catch (failure) {
    if (failure instanceof TidemarkError) return undefined;
    throw failure;
  }
}
