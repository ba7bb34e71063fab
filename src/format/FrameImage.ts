import {
  type BesideLanes,
  type HashLanes,
  LANES_BYTES,
  messageAt,
  type NumberFunction,
} from "./blake3/HashLanes.ts";
import { canonicalFunction } from "./canonicalFunction.ts";
import { canonicalLengthOf, DOMAIN_TAG } from "./CanonicalBytes.ts";
import type { EntryCursor } from "./EntryCursor.ts";
import type { OpenFrame } from "./OpenFrame.ts";
import { TWO_32 } from "./uint64.ts";

/** Frames that are larger are not copied here. Of this the system keeps what was used. */
export const MAX_IMAGE_BYTES: number = 4 * 2 ** 20;
/** Where in the memory the copy is. */
const IMAGE_AT = LANES_BYTES;

/** What a {@link FrameImage} needs beside the lanes. */
export function besideLanes(): BesideLanes {
  return { bytes: MAX_IMAGE_BYTES, functions: { writeCanonical: canonicalFunction() } };
}

/**
 * A copy of one frame in the memory of the lanes, where the canonical bytes of its entries are put
 * together: to copy a frame whole takes much less than to copy each payload.
 */
export class FrameImage {
  readonly #memory: Uint8Array;
  readonly #write: NumberFunction;
  #frame: OpenFrame | undefined;

  /** @param lanes - made with {@link besideLanes}. */
  constructor({ memory, messages, functions }: HashLanes) {
    this.#memory = memory;
    this.#write = functions["writeCanonical"] as NumberFunction;
    for (const message of messages) message.set(DOMAIN_TAG);
  }

  /** Copies a frame, of `MAX_IMAGE_BYTES` at most, unless it is the one that was copied last. */
  show(frame: OpenFrame): void {
    if (frame === this.#frame) return;
    this.#memory.set(frame.bytes, IMAGE_AT);
    this.#frame = frame;
  }

  /** Lets go of the frame, of which the copy stays. */
  forget(): void {
    this.#frame = undefined;
  }

  /**
   * Writes the canonical bytes of an entry of the frame that is shown as the message of a lane, and
   * gives how many they are.
   *
   * @param variableBytes - of its texts and payload, for which there is room in the lane
   */
  write(entry: EntryCursor, variableBytes: number, lane: number): number {
    const { topics, payloadTypes } = this.#frame as OpenFrame;
    const { seq, topicId, payloadTypeId, correlationIdAt, causationIdAt } = entry;
    this.#write(
      messageAt(lane),
      Math.floor(seq / TWO_32),
      seq >>> 0,
      IMAGE_AT + entry.at,
      IMAGE_AT + topics.startOf(topicId),
      topics.lengthOf(topicId),
      IMAGE_AT + payloadTypes.startOf(payloadTypeId),
      payloadTypes.lengthOf(payloadTypeId),
      IMAGE_AT + entry.payloadAt,
      entry.payloadEnd - entry.payloadAt,
      correlationIdAt === 0 ? 0 : IMAGE_AT + correlationIdAt,
      causationIdAt === 0 ? 0 : IMAGE_AT + causationIdAt,
    );
    const ids = (correlationIdAt === 0 ? 0 : 1) + (causationIdAt === 0 ? 0 : 1);
    return canonicalLengthOf(variableBytes, ids);
  }
}
