import { frameHeaderOf, type FrameHeader } from "../format/decodeFrame.ts";
import { CorruptedError, UnsupportedFormatError } from "../model/errors.ts";

/**
 * The header of a frame of a run. The run's manifest told a version that is known: a frame that
 * tells another one is damaged.
 *
 * @throws {@link CorruptedError} for what is no frame of the run.
 */
export function headerOf(bytes: Uint8Array): FrameHeader {
  try {
    return frameHeaderOf(bytes);
  } catch (failure) {
    if (!(failure instanceof UnsupportedFormatError)) throw failure;
    throw new CorruptedError("A frame is of another format than its run", undefined, {
      cause: failure,
    });
  }
}
