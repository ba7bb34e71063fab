import type { Entry } from "../model/entry.ts";
import { InvalidEntryError } from "../model/errors.ts";
import { UUID_BYTES } from "./frameLayout.ts";
import { SingleHash } from "./SingleHash.ts";
import { writeUuid } from "./uuid.ts";

const MAX_UINT64 = 2n ** 64n - 1n;
const single = new SingleHash();

/**
 * The hash of an entry: BLAKE3 over its canonical bytes (docs/format.md), 32 bytes.
 *
 * Any entry is hashed; the bounds of a draft do not apply, and a UUID of any version is taken as it
 * is written. Index keys are not part of the hash.
 *
 * @throws {@link InvalidEntryError} for what has no canonical bytes: a seq that is no safe integer,
 * a time outside of 64 bits, text with a lone surrogate, a header that is no UUID.
 */
export function entryHashOf(entry: Omit<Entry, "hash" | "indexKeys">): Uint8Array {
  const { seq, tsInit, tsPublish, payload, headers } = entry;
  const topic = utf8Of("topic", entry.topic);
  const payloadType = utf8Of("payloadType", entry.payloadType);
  const correlationId = uuidOf("headers.correlationId", headers.correlationId);
  const causationId = uuidOf("headers.causationId", headers.causationId);
  checkSeq(seq);
  checkTime("tsInit", tsInit);
  checkTime("tsPublish", tsPublish);
  const canonical = single.start(topic.length + payloadType.length + payload.length);
  canonical.safeUint64(seq);
  canonical.bigUint64(tsInit);
  canonical.bigUint64(tsPublish);
  canonical.sized(topic, 0, topic.length);
  canonical.sized(payloadType, 0, payloadType.length);
  canonical.sized(payload, 0, payload.length);
  canonical.uuid(correlationId, 0);
  canonical.uuid(causationId, 0);
  single.finish();
  return single.bytes.slice();
}

function utf8Of(field: string, text: string): Uint8Array {
  if (!text.isWellFormed()) throw new InvalidEntryError(field, "well-formed text", text);
  return Buffer.from(text);
}

function uuidOf(field: string, text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const bytes = new Uint8Array(UUID_BYTES);
  writeUuid(bytes, 0, text, field);
  return bytes;
}

function checkSeq(seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < 0) {
    throw new InvalidEntryError("seq", "a safe integer from 0", seq);
  }
}

function checkTime(field: string, value: bigint): void {
  if (value < 0n || value > MAX_UINT64) {
    throw new InvalidEntryError(field, "a bigint from 0 to 2^64 - 1", value);
  }
}
