import type { CapturedDraft, Seq } from "../../src/model/entry.ts";

const STAMPS_BYTES = 16;

/** An entry for a store of bytes: two timestamps, two short texts, the payload; written by hand. */
export function entryBytes(entry: CapturedDraft): Uint8Array {
  const { topic, payloadType, tsInit, tsPublish, payload } = entry;
  const texts = 2 + topic.length + payloadType.length;
  const bytes = Buffer.allocUnsafe(STAMPS_BYTES + texts + payload.length);
  bytes.writeBigUInt64LE(tsInit, 0);
  bytes.writeBigUInt64LE(tsPublish, 8);
  let at = STAMPS_BYTES;
  for (const text of [topic, payloadType]) {
    bytes[at] = text.length;
    at += 1 + bytes.write(text, at + 1, "latin1");
  }
  bytes.set(payload, at);
  return bytes;
}

/** A seq as a key that sorts as it counts. */
export function seqKey(seq: Seq): Uint8Array {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(BigInt(seq));
  return key;
}
