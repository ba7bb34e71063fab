import type { CanonicalBytes } from "./CanonicalBytes.ts";
import type { EntryCursor } from "./EntryCursor.ts";
import { AT_TS_INIT, AT_TS_PUBLISH } from "./frameLayout.ts";
import type { OpenFrame } from "./OpenFrame.ts";

/**
 * The bytes that the texts and the payload of an entry in a frame have together.
 *
 * @throws {@link CorruptedError} for a text that the frame does not have.
 */
export function variableBytesOf({ topics, payloadTypes }: OpenFrame, entry: EntryCursor): number {
  const topicBytes = topics.lengthOf(entry.topicId);
  const payloadTypeBytes = payloadTypes.lengthOf(entry.payloadTypeId);
  return topicBytes + payloadTypeBytes + entry.payloadEnd - entry.payloadAt;
}

/** Writes the canonical bytes of an entry in a frame, whose texts are known to be there. */
export function writeEntry(
  canonical: CanonicalBytes,
  { bytes, view, topics, payloadTypes }: OpenFrame,
  entry: EntryCursor,
): void {
  const { at, topicId, payloadTypeId, correlationIdAt, causationIdAt } = entry;
  canonical.start();
  canonical.safeUint64(entry.seq);
  canonical.uint64Of(view, at + AT_TS_INIT);
  canonical.uint64Of(view, at + AT_TS_PUBLISH);
  canonical.sized(bytes, topics.startOf(topicId), topics.lengthOf(topicId));
  canonical.sized(bytes, payloadTypes.startOf(payloadTypeId), payloadTypes.lengthOf(payloadTypeId));
  canonical.sized(bytes, entry.payloadAt, entry.payloadEnd - entry.payloadAt);
  canonical.uuid(correlationIdAt === 0 ? undefined : bytes, correlationIdAt);
  canonical.uuid(causationIdAt === 0 ? undefined : bytes, causationIdAt);
}
