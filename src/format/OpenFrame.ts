import { type FrameHeader, frameHeaderOf } from "./frameHeader.ts";
import * as layout from "./frameLayout.ts";
import { OpenHead } from "./OpenHead.ts";

/** A frame, sealed or not, whose header and texts and index keys are known to fit its bytes. */
export class OpenFrame extends OpenHead {
  declare readonly header: FrameHeader;

  /**
   * @throws {@link UnsupportedFormatError} for a frame of another version.
   * @throws {@link CorruptedError} for what is no frame.
   */
  constructor(bytes: Uint8Array) {
    super(bytes, frameHeaderOf(bytes));
  }

  /** Where the entries end. */
  get digestAt(): number {
    return this.header.frameBytes - layout.DIGEST_BYTES;
  }
}
