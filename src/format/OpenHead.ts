import { crc32 } from "node:zlib";
import { CorruptedError } from "../model/errors.ts";
import { FrameBytes } from "./FrameBytes.ts";
import { type HeadFields, headFieldsOf } from "./frameHeader.ts";
import * as layout from "./frameLayout.ts";
import { TextTable } from "./TextTable.ts";

/** The head of a frame, whose texts and index keys are known to fit it. */
export class OpenHead extends FrameBytes {
  readonly header: HeadFields;
  readonly topics: TextTable;
  readonly payloadTypes: TextTable;
  readonly indexKinds: TextTable;
  /** Where the index keys start. */
  readonly indexKeysAt: number;

  /**
   * @param bytes - of the frame; what follows its first entry without its variable parts may be missing.
   * @throws {@link UnsupportedFormatError} for a frame of another version.
   * @throws {@link CorruptedError} for what is no frame.
   */
  constructor(bytes: Uint8Array, header: HeadFields = headFieldsOf(bytes)) {
    super(bytes);
    if (!hasHead(bytes, header))
      throw new CorruptedError("A frame is cut off in its head", header.fromSeq);
    const { topicCount, payloadTypeCount, indexKindCount } = header;
    const limit = header.headBytes - layout.CRC_BYTES;
    this.header = header;
    this.topics = new TextTable(this, layout.HEADER_BYTES, topicCount, limit);
    this.payloadTypes = new TextTable(this, this.topics.end, payloadTypeCount, limit);
    this.indexKinds = new TextTable(this, this.payloadTypes.end, indexKindCount, limit);
    this.indexKeysAt = this.indexKinds.end;
    if (layout.headBytesOf(this.#indexKeysEnd(limit)) !== header.headBytes) {
      throw new CorruptedError("A frame's head does not end where it says", header.fromSeq);
    }
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

  /**
   * Checks every index key, so that nobody else has to, and returns where they end. What stands
   * before a key is read before it is known to be in the head: an entry always follows the head.
   */
  #indexKeysEnd(limit: number): number {
    const { indexKeyCount, indexKindCount, entryCount, fromSeq } = this.header;
    let at = this.indexKeysAt;
    let lastEntry = 0;
    for (let index = 0; index < indexKeyCount; index++) {
      const entry = this.view.getUint16(at + layout.AT_KEY_ENTRY, true);
      const kindId = this.view.getUint32(at + layout.AT_KEY_KIND_ID, true);
      at += layout.KEY_HEADER_BYTES + this.view.getUint16(at + layout.AT_KEY_BYTES, true);
      if (at > limit || entry < lastEntry || entry >= entryCount || kindId >= indexKindCount) {
        throw new CorruptedError("A frame has an index key that does not fit", fromSeq);
      }
      lastEntry = entry;
    }
    return at;
  }

  #headCrc(): number {
    return crc32(this.bytes.subarray(0, this.header.headBytes - layout.CRC_BYTES));
  }
}

/** Whether the bytes of a frame, which may be cut off, reach far enough to open its head. */
export function hasHead(bytes: Uint8Array, { headBytes }: HeadFields): boolean {
  return headBytes + layout.ENTRY_BYTES <= bytes.length;
}
