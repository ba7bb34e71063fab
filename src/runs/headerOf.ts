import {
  type FrameHeader,
  frameHeaderOf,
  type HeadFields,
  headFieldsOf,
} from "../format/frameHeader.ts";
import { CorruptedError, UnsupportedFormatError } from "../model/errors.ts";

/**
 * The header of a frame of a run. The run's manifest told a version that is known: a frame that
 * tells another one is damaged.
 *
 * @throws {@link CorruptedError} for what is no frame of the run.
 */
export function headerOf(bytes: Uint8Array): FrameHeader {
  return known(() => frameHeaderOf(bytes));
}

/** The same of a frame whose end may be missing. @throws as {@link headerOf} */
export function headOf(bytes: Uint8Array): HeadFields {
  return known(() => headFieldsOf(bytes));
}

function known<Header>(read: () => Header): Header {
  try {
    return read();
  } catch (failure) {
    if (!(failure instanceof UnsupportedFormatError)) throw failure;
    throw new CorruptedError("A frame is of another format than its run", undefined, {
      cause: failure,
    });
  }
}
