import { crc32 } from "node:zlib";
import { CorruptedError } from "../model/errors.ts";
import { FrameBytes } from "./FrameBytes.ts";
import { type FrameHeader, frameHeaderOf } from "./frameHeader.ts";
import * as layout from "./frameLayout.ts";
import { TextTable } from "./TextTable.ts";

/** A frame, sealed or not, whose header and texts are known to fit its bytes. */
export class OpenFrame extends FrameBytes {
  readonly header: FrameHeader;
  readonly topics: TextTable;
  readonly payloadTypes: TextTable;
  readonly indexKinds: TextTable;

  /**
   * @throws {@link UnsupportedFormatError} for a frame of another version.
   * @throws {@link CorruptedError} for what is no frame.
   */
  constructor(bytes: Uint8Array) {
    super(bytes);
    const header = frameHeaderOf(bytes);
    const { topicCount, payloadTypeCount, indexKindCount } = header;
    const limit = header.headBytes - layout.CRC_BYTES;
    this.header = header;
    this.topics = new TextTable(this, layout.HEADER_BYTES, topicCount, limit);
    this.payloadTypes = new TextTable(this, this.topics.end, payloadTypeCount, limit);
    this.indexKinds = new TextTable(this, this.payloadTypes.end, indexKindCount, limit);
    if (layout.headBytesOf(this.indexKinds.end - layout.HEADER_BYTES) !== header.headBytes) {
      throw new CorruptedError("A frame's head has room for more than its texts", header.fromSeq);
    }
  }

  /** Where the entries end. */
  get digestAt(): number {
    return this.header.frameBytes - layout.DIGEST_BYTES;
  }

  /** Seals the head: everything before its CRC. */
  writeHeadCrc(): void {
    const { headBytes } = this.header;
    this.view.setUint32(headBytes - layout.CRC_BYTES, this.#headCrc(), true);
  }

  /**
   * @throws {@link CorruptedError} unless the head is what was sealed.
   */
  checkHeadCrc(): void {
    const { headBytes, fromSeq } = this.header;
    if (this.view.getUint32(headBytes - layout.CRC_BYTES, true) !== this.#headCrc()) {
      throw new CorruptedError("The CRC of a frame's head does not hold", fromSeq);
    }
  }

  #headCrc(): number {
    return crc32(this.bytes.subarray(0, this.header.headBytes - layout.CRC_BYTES));
  }
}
