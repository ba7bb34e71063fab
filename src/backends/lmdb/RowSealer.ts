import { indexRowsOf } from "../../format/decodeFrame.ts";
import type { ChainHead } from "../../format/frameHeader.ts";
import { OpenFrame } from "../../format/OpenFrame.ts";
import { sealOpenFrame } from "../../format/sealFrame.ts";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError, OutOfOrderError } from "../../model/errors.ts";
import { encodeIndexRow } from "./indexRow.ts";
import { frameKey, indexRowKey } from "./keys.ts";
import type { Row } from "./Rows.ts";

/** What an append writes, and where the log is then. */
export interface SealedRows {
  readonly frames: readonly Row[];
  /** In the order of the frames; of rows with one key the first stays. */
  readonly indexRows: readonly Row[];
  readonly head: ChainHead;
  readonly watermark: Seq;
}

/**
 * Seals frames in place as the next ones of a log, and gives the rows that store them: at once, or
 * some frames at a time.
 */
export class RowSealer {
  readonly #frames: readonly OpenFrame[];
  readonly #watermark: Seq;
  #head: ChainHead;
  #sealed = 0;

  /**
   * @throws {@link OutOfOrderError} where one does not start behind the one before it,
   * {@link CorruptedError} for what is no frame.
   */
  constructor(
    frames: readonly Uint8Array[],
    log: { readonly watermark: Seq; readonly head: ChainHead },
  ) {
    let { watermark } = log;
    this.#frames = frames.map((bytes) => {
      const frame = new OpenFrame(bytes);
      const { fromSeq, toSeq } = frame.header;
      if (fromSeq !== watermark + 1) throw new OutOfOrderError(fromSeq, log.watermark);
      watermark = toSeq;
      return frame;
    });
    this.#watermark = watermark;
    this.#head = log.head;
  }

  /** Seals the next frames, of at most so many bytes together; false where none could be. */
  sealSome(bytes: number): boolean {
    const before = this.#sealed;
    let left = bytes;
    for (let frame = this.#next; frame !== undefined; frame = this.#next) {
      left -= frame.bytes.byteLength;
      if (left < 0) break;
      this.#head = sealOpenFrame(frame, this.#head);
      this.#sealed += 1;
    }
    return this.#sealed > before;
  }

  /** Seals what is left. @throws {@link CorruptedError} for an index key that is none. */
  rows(): SealedRows {
    this.sealSome(Number.POSITIVE_INFINITY);
    const frames = this.#frames;
    return {
      frames: frames.map(({ bytes, header }) => ({ key: frameKey(header.fromSeq), value: bytes })),
      indexRows: frames.flatMap(indexRowsFor),
      head: this.#head,
      watermark: this.#watermark,
    };
  }

  get #next(): OpenFrame | undefined {
    return this.#frames[this.#sealed];
  }
}

function indexRowsFor(frame: OpenFrame): readonly Row[] {
  return indexRowsOf(frame).map(({ kind, key, seq }) => {
    const row = indexRowKey(kind, key);
    if (row === undefined) throw new CorruptedError("A frame has an index key out of bounds", seq);
    return encodeIndexRow(row, seq);
  });
}
