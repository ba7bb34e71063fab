import type { Seq } from "../model/entry.ts";
import { CorruptedError } from "../model/errors.ts";
import * as layout from "./frameLayout.ts";
import type { OpenFrame } from "./OpenFrame.ts";

/**
 * Walks the entries of a frame, oldest first, and tells where in the frame the parts of the current
 * one are. It allocates nothing, and no length is used before it is known to fit. An offset of 0
 * stands for a part that the entry does not have.
 */
export class EntryCursor {
  /** The current entry; before the first `next`, the seq before it. */
  seq: Seq;
  at = 0;
  topicId = 0;
  payloadTypeId = 0;
  correlationIdAt = 0;
  causationIdAt = 0;
  payloadAt = 0;
  payloadEnd = 0;
  readonly #view: DataView;
  readonly #lastSeq: Seq;
  readonly #limit: number;
  #end: number;

  constructor({ header, view, digestAt }: OpenFrame) {
    this.seq = header.fromSeq - 1;
    this.#view = view;
    this.#lastSeq = header.toSeq;
    this.#limit = digestAt;
    this.#end = header.headBytes;
  }

  /**
   * Goes to the next entry; false after the last one.
   *
   * @throws {@link CorruptedError} for an entry that does not fit, and for bytes after the last.
   */
  next(): boolean {
    if (this.seq === this.#lastSeq) {
      if (this.#end === this.#limit) return false;
      throw new CorruptedError("A frame has bytes after its last entry", this.seq);
    }
    this.seq++;
    this.at = this.#take(layout.ENTRY_BYTES);
    const word = this.#view.getUint32(this.at + layout.AT_PAYLOAD, true);
    this.topicId = this.#view.getUint16(this.at + layout.AT_TOPIC_ID, true);
    this.payloadTypeId = this.#view.getUint16(this.at + layout.AT_PAYLOAD_TYPE_ID, true);
    this.correlationIdAt = (word & layout.HAS_CORRELATION_ID) === 0 ? 0 : this.#takeUuid();
    this.causationIdAt = (word & layout.HAS_CAUSATION_ID) === 0 ? 0 : this.#takeUuid();
    const payloadBytes = word & layout.MAX_PAYLOAD_BYTES;
    this.payloadAt = this.#take(payloadBytes);
    this.payloadEnd = this.payloadAt + payloadBytes;
    return true;
  }

  #takeUuid(): number {
    return this.#take(layout.UUID_BYTES);
  }

  /** Where so many bytes start that belong to the entry; the next part starts aligned after them. */
  #take(bytes: number): number {
    const at = this.#end;
    if (bytes > this.#limit - at) {
      throw new CorruptedError("An entry does not fit its frame", this.seq);
    }
    this.#end = layout.align8(at + bytes);
    return at;
  }
}
