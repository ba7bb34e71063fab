import {
  type BesideLanes,
  type HashLanes,
  LANE_BYTES,
  LANES_BYTES,
  messageAt,
  NO_MESSAGE,
  type NumberFunction,
} from "./blake3/HashLanes.ts";
import { canonicalFunction } from "./canonicalFunction.ts";
import { canonicalLengthOf, DOMAIN_TAG } from "./CanonicalBytes.ts";
import type { EntryCursor } from "./EntryCursor.ts";
import { HEADER_BYTES } from "./frameLayout.ts";
import type { OpenFrame } from "./OpenFrame.ts";
import { TWO_32 } from "./uint64.ts";

/** What is copied of the topics and payload types of a frame, and of its entries, at a time. */
const TEXTS_BYTES = 64 * 1024;
const WINDOW_BYTES = 64 * 1024;
/** Where in the memory the copies are. */
const TEXTS_AT = LANES_BYTES;
const WINDOW_AT = TEXTS_AT + TEXTS_BYTES;

/** What a {@link FrameImage} needs beside the lanes. */
export function besideLanes(): BesideLanes {
  return {
    bytes: TEXTS_BYTES + WINDOW_BYTES,
    functions: { writeCanonical: canonicalFunction() },
  };
}

/** Whether the topics and payload types of a frame have room in its image. */
export function hasRoomInImage({ payloadTypes }: OpenFrame): boolean {
  return payloadTypes.end - HEADER_BYTES <= TEXTS_BYTES;
}

/**
 * A copy of what is needed of a frame in the memory of the lanes, where the canonical bytes of its entries
 * are put together: to copy 64 KiB at once takes much less than to copy each payload.
 */
export class FrameImage {
  readonly #memory: Uint8Array;
  readonly #write: NumberFunction;
  #frame: OpenFrame | undefined;
  /** Which bytes of the frame are in the window. */
  #start = 0;
  #end = 0;

  /** @param lanes - made with {@link besideLanes}. */
  constructor({ memory, messages, functions }: HashLanes) {
    this.#memory = memory;
    this.#write = functions["writeCanonical"] as NumberFunction;
    for (const message of messages) message.set(DOMAIN_TAG);
  }

  /** Lets go of the frame, of which the last copies stay. */
  forget(): void {
    this.#frame = undefined;
  }

  /**
   * Writes the canonical bytes of an entry as the message of a lane, and gives how many they are, or
   * `NO_MESSAGE` for more than a lane has room for.
   *
   * @throws {@link CorruptedError} for a text that the frame does not have.
   */
  write(frame: OpenFrame, entry: EntryCursor, lane: number): number {
    const { seq, topicId, payloadTypeId, correlationIdAt, causationIdAt } = entry;
    // Each length is looked at once: what has room must be what is copied.
    const topicBytes = frame.topics.lengthOf(topicId);
    const payloadTypeBytes = frame.payloadTypes.lengthOf(payloadTypeId);
    const payloadBytes = entry.payloadEnd - entry.payloadAt;
    const ids = (correlationIdAt === 0 ? 0 : 1) + (causationIdAt === 0 ? 0 : 1);
    const length = canonicalLengthOf(topicBytes + payloadTypeBytes + payloadBytes, ids);
    if (length > LANE_BYTES) return NO_MESSAGE;
    this.#show(frame, entry);
    const shift = WINDOW_AT - this.#start;
    const textShift = TEXTS_AT - HEADER_BYTES;
    this.#write(
      messageAt(lane),
      Math.floor(seq / TWO_32),
      seq >>> 0,
      shift + entry.at,
      textShift + frame.topics.startOf(topicId),
      topicBytes,
      textShift + frame.payloadTypes.startOf(payloadTypeId),
      payloadTypeBytes,
      shift + entry.payloadAt,
      payloadBytes,
      correlationIdAt === 0 ? 0 : shift + correlationIdAt,
      causationIdAt === 0 ? 0 : shift + causationIdAt,
    );
    return length;
  }

  /** Makes sure that an entry, which is short, is in the window, and its texts beside it. */
  #show(frame: OpenFrame, { at, payloadEnd }: EntryCursor): void {
    if (frame === this.#frame && at >= this.#start && payloadEnd <= this.#end) return;
    const { bytes } = frame;
    if (frame !== this.#frame) {
      this.#memory.set(bytes.subarray(HEADER_BYTES, frame.payloadTypes.end), TEXTS_AT);
      this.#frame = frame;
    }
    this.#start = at;
    this.#end = Math.min(at + WINDOW_BYTES, bytes.length);
    this.#memory.set(bytes.subarray(this.#start, this.#end), WINDOW_AT);
  }
}
