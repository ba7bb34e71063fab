import type { PageOptions, RunLog } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import { CorruptedError } from "../model/errors.ts";
import { awaited } from "./awaited.ts";

/**
 * The page from a seq on, or the error that tells which frame is not to be had.
 *
 * @throws {@link CorruptedError} where the damage is not that of one frame.
 */
export async function pageOf(
  log: RunLog,
  seq: Seq,
  options?: PageOptions,
): Promise<readonly Uint8Array[] | CorruptedError> {
  try {
    return await awaited(log.framesFrom(seq, options));
  } catch (failure) {
    if (failure instanceof CorruptedError && failure.seq !== undefined) return failure;
    throw failure;
  }
}

/**
 * The first seq from which on the log gives something else than from `seq` on: where the next frame
 * begins, where the one at `seq` does not tell how far it reaches. Takes some looks for each doubling
 * of the distance, of one frame each, and is never more than one behind the watermark.
 *
 * @throws {@link CorruptedError} where the damage is not that of one frame.
 */
export async function seqBehind(log: RunLog, seq: Seq): Promise<Seq> {
  const obstacle = await firstAt(log, seq);
  const end = Math.max(log.watermark, seq) + 1;
  let inside = seq;
  let behind = seq + 1;
  while (behind < end && isSame(obstacle, await firstAt(log, behind))) {
    inside = behind;
    behind = Math.min(seq + 2 * (behind - seq), end);
  }
  while (behind - inside > 1) {
    const middle = inside + Math.floor((behind - inside) / 2);
    if (isSame(obstacle, await firstAt(log, middle))) inside = middle;
    else behind = middle;
  }
  return behind;
}

/** A frame, or the seq of one that is not to be had, or nothing. */
type First = Uint8Array | Seq | undefined;

async function firstAt(log: RunLog, seq: Seq): Promise<First> {
  const page = await pageOf(log, seq, { maxBytes: 1 });
  return page instanceof CorruptedError ? page.seq : page[0];
}

function isSame(one: First, other: First): boolean {
  if (typeof one !== "object" || typeof other !== "object") return one === other;
  return Buffer.compare(one, other) === 0;
}
