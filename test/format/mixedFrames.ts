import { EntryCursor } from "../../src/format/EntryCursor.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { OpenFrame } from "../../src/format/OpenFrame.ts";
import type { Seq } from "../../src/model/entry.ts";
import { CAUSATION_ID, CORRELATION_ID, draft, sealedFrame } from "./frames.ts";

/** Payloads around what a lane can take, and far from it. */
const PAYLOAD_BYTES = [256, 3, 1_100, 600, 0, 850, 900, 925, 64, 5_000, 41] as const;

/** A sealed frame whose entries differ in texts, headers and length. */
export function mixedFrame(entries: number, fromSeq: Seq = 11): Uint8Array {
  const drafts = Array.from({ length: entries }, (_, index) => {
    const bytes = PAYLOAD_BYTES[(index + entries) % PAYLOAD_BYTES.length] as number;
    return draft({
      topic: `topic.${index % 3}`,
      payload: new Uint8Array(bytes).fill(index),
      headers: {
        ...(index % 4 === 1 && { correlationId: CORRELATION_ID }),
        ...(index % 5 === 2 && { causationId: CAUSATION_ID }),
      },
    });
  });
  return sealedFrame(drafts, fromSeq);
}

/** What can be done to an entry, so that it does not hold, and none before it. */
export const DAMAGES = {
  hash: (view: DataView, at: number): void => flip(view, at + layout.AT_HASH),
  time: (view: DataView, at: number): void => flip(view, at + layout.AT_TS_INIT),
  topic: (view: DataView, at: number): void => view.setUint16(at + layout.AT_TOPIC_ID, 9, true),
  length: (view: DataView, at: number): void => {
    view.setUint32(at + layout.AT_PAYLOAD, layout.MAX_PAYLOAD_BYTES, true);
  },
} as const;

/** Where the entries of a frame start. */
export function placesOf(frame: Uint8Array): readonly number[] {
  const cursor = new EntryCursor(new OpenFrame(frame));
  const places: number[] = [];
  while (cursor.next()) places.push(cursor.at);
  return places;
}

function flip(view: DataView, at: number): void {
  view.setUint8(at, view.getUint8(at) ^ 1);
}
