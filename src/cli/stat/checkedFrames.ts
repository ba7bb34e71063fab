import type { RunLog } from "../../backends/Backend.ts";
import { checkDigest, decodeFrame, type DecodedFrame } from "../../format/decodeFrame.ts";
import { GapError } from "../../model/errors.ts";
import { FrameCheck } from "../../runs/FrameCheck.ts";
import { awaited } from "../../runs/awaited.ts";

/**
 * The frames of a log, oldest first, each of them proven; one page of them is held.
 *
 * @throws as {@link FrameCheck}, and {@link GapError} where the log ends before its watermark.
 */
export async function* checkedFrames(log: RunLog): AsyncGenerator<DecodedFrame> {
  const check = new FrameCheck(false);
  let position = 1;
  while (position <= log.watermark) {
    const frames = await awaited(log.framesFrom(position));
    if (frames.length === 0) throw new GapError(position, log.watermark);
    for (const bytes of frames) {
      const { toSeq } = check.link(bytes, position);
      checkDigest(bytes);
      yield decodeFrame(bytes);
      position = toSeq + 1;
    }
  }
}
