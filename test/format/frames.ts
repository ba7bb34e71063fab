import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { indexRowsOf } from "../../src/format/decodeFrame.ts";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { entryHashOf } from "../../src/format/entryHash.ts";
import type { IndexRow } from "../../src/format/Frame.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { OpenFrame } from "../../src/format/OpenFrame.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import type { CapturedDraft, Entry, EntryHeaders, IndexKey, Seq } from "../../src/model/entry.ts";

export const MAX_UINT64: bigint = 2n ** 64n - 1n;
export const CORRELATION_ID = "2d89666b-1a1e-4a75-b193-4eb3b454c757";
export const CAUSATION_ID = "ffffffff-0000-1000-8000-00000000abcd";

/** A draft with something plain in every field that is not given. */
export function draft(given: Partial<CapturedDraft> = {}): CapturedDraft {
  return {
    topic: "exec.command",
    payloadType: "SubmitOrder",
    payload: Uint8Array.of(1, 2, 3),
    tsInit: 1_700_000_000_000_000_000n,
    tsPublish: 1_700_000_000_000_000_001n,
    headers: {},
    indexKeys: [],
    ...given,
  };
}

/** A sealed frame, the first of its run unless a seq is given. */
export function sealedFrame(drafts: readonly CapturedDraft[], fromSeq: Seq = 1): Uint8Array {
  const { bytes } = encodeFrame(drafts, { fromSeq, epoch: 7 });
  sealFrame(bytes, GENESIS);
  return bytes;
}

/** A frame with everything that a frame can hold. */
export function richDrafts(): readonly CapturedDraft[] {
  const order = { kind: "clientOrderId", key: "O-19" };
  return [
    draft({ indexKeys: [order, { kind: "venueOrderId", key: "V-ü-1" }] }),
    draft({ topic: "md.quotes.ESZ6", payloadType: "Quote", payload: new Uint8Array(0) }),
    draft({
      headers: { correlationId: CORRELATION_ID },
      payload: new Uint8Array(256).fill(0xab),
      indexKeys: [order],
    }),
    draft({
      topic: "exec.event.✓",
      payloadType: "OrderFilled",
      headers: { correlationId: CORRELATION_ID, causationId: CAUSATION_ID },
      tsInit: 0n,
      tsPublish: MAX_UINT64,
    }),
    draft({ headers: { causationId: CAUSATION_ID }, payload: new Uint8Array(41).fill(1) }),
  ];
}

/** Records like those that callers write, and not without a prototype. */
const PLAIN = { noNullPrototype: true };
const text = fc
  .string({ minLength: 1, maxLength: 40, unit: "binary" })
  .filter((value) => !value.includes("\0"));
const timestamp = fc.bigInt({ min: 0n, max: MAX_UINT64 });
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.constant(new Uint8Array(0)),
  fc.uint8Array({ minLength: 250, maxLength: 1_100 }),
);
const indexKey: fc.Arbitrary<IndexKey> = fc.record(
  {
    kind: fc.constantFrom("clientOrderId", "venueOrderId", "Größe"),
    key: fc.oneof(fc.constantFrom("O-1", "O-2"), text),
  },
  PLAIN,
);
const headers: fc.Arbitrary<EntryHeaders> = fc.record(
  {
    correlationId: fc.uuid(),
    causationId: fc.uuid().map((uuid) => uuid.toUpperCase()),
  },
  { ...PLAIN, requiredKeys: [] },
);

/** Any draft that passes the checks of a writer. */
export const anyDraft: fc.Arbitrary<CapturedDraft> = fc.record(
  {
    topic: fc.oneof(fc.constantFrom("exec.command", "exec.event.OrderFilled"), text),
    payloadType: fc.oneof(fc.constantFrom("SubmitOrder", "OrderFilled"), text),
    payload,
    tsInit: timestamp,
    tsPublish: timestamp,
    headers,
    indexKeys: fc.array(indexKey, { maxLength: 5 }),
  },
  PLAIN,
);

/** What a draft must be when it is read again. */
export function expectedEntry(given: CapturedDraft, seq: Seq): Entry {
  const { correlationId, causationId } = given.headers;
  const headers: EntryHeaders = {
    ...(correlationId !== undefined && { correlationId: correlationId.toLowerCase() }),
    ...(causationId !== undefined && { causationId: causationId.toLowerCase() }),
  };
  const entry = { ...given, seq, headers };
  return { ...entry, hash: entryHashOf(entry) };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Makes CRC and digest fit again, as a program with a bug or a forger would. */
export function reseal(bytes: Uint8Array, originalHeadBytes: number): void {
  const view = new DataView(bytes.buffer);
  const digestAt = bytes.length - layout.DIGEST_BYTES;
  const said = view.getUint32(layout.AT_HEAD_BYTES, true);
  const headBytes = said >= layout.MIN_HEAD_BYTES && said <= digestAt ? said : originalHeadBytes;
  const crcAt = headBytes - layout.CRC_BYTES;
  view.setUint32(crcAt, crc32(bytes.subarray(0, crcAt)), true);
  bytes.set(createHash("sha256").update(bytes.subarray(0, digestAt)).digest(), digestAt);
}

/** The index rows of a sealed frame whose head is checked first. */
export function indexRowsIn(bytes: Uint8Array): readonly IndexRow[] {
  const frame = new OpenFrame(bytes);
  frame.checkHeadCrc();
  return indexRowsOf(frame);
}
