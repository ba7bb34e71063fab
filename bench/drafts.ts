import { randomBytes } from "node:crypto";
import type { CapturedDraft, EntryDraft } from "../src/model/entry.ts";

/** What is recorded everywhere here: the size of a usual order message. */
export const PAYLOAD_BYTES = 256;
/** Entries of one batch, the default of a writer. */
export const BATCH_ENTRIES = 100;

const TOPICS = ["exec.command", "exec.event", "md.quotes.ESZ6", "risk.event"] as const;
const PAYLOAD_TYPES = ["SubmitOrder", "OrderFilled", "Quote", "LimitBreached"] as const;

/** Different drafts, used over and over; a power of two of them. */
const DRAFTS: readonly EntryDraft[] = Array.from({ length: 64 }, (_, index) => ({
  topic: TOPICS[index % TOPICS.length] ?? TOPICS[0],
  payloadType: PAYLOAD_TYPES[index % PAYLOAD_TYPES.length] ?? PAYLOAD_TYPES[0],
  payload: randomBytes(PAYLOAD_BYTES),
}));

/** The draft of a turn. */
export function draftOf(turn: number): EntryDraft {
  return DRAFTS[turn & (DRAFTS.length - 1)] as EntryDraft;
}

/** A batch as the pipeline hands it to the codec. */
export function capturedBatch(entries: number): readonly CapturedDraft[] {
  return Array.from({ length: entries }, (_, turn) =>
    captured(draftOf(turn), process.hrtime.bigint()),
  );
}

/** A draft of these as it is captured at a moment; its payload is not copied. */
export function captured({ topic, payloadType, payload }: EntryDraft, now: bigint): CapturedDraft {
  const bytes = payload as Uint8Array;
  return { topic, payloadType, payload: bytes, tsInit: now, tsPublish: now, ...NOTHING_ELSE };
}

/** What a draft without headers and keys is captured with. */
const NOTHING_ELSE: Pick<CapturedDraft, "headers" | "indexKeys"> = {
  headers: Object.freeze({}),
  indexKeys: Object.freeze([]),
};
