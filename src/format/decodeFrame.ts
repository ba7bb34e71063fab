import type { Entry, Seq } from "../model/entry.ts";
import { CorruptedError } from "../model/errors.ts";
import { checkHash } from "./checkEntries.ts";
import { EntryCursor } from "./EntryCursor.ts";
import { FirstMentions } from "./FirstMentions.ts";
import type { IndexRow } from "./Frame.ts";
import { frameDigestOf } from "./frameDigest.ts";
import { FrameHashes, useHash } from "./FrameHashes.ts";
import { type FrameHeader, frameHeaderOf } from "./frameHeader.ts";
import * as layout from "./frameLayout.ts";
import { headersOf } from "./headersOf.ts";
import { isThere } from "./hashUse.ts";
import { IndexKeyCursor } from "./IndexKeyCursor.ts";
import { OpenFrame } from "./OpenFrame.ts";
import { uuidAt } from "./uuid.ts";

export { frameHeaderOf } from "./frameHeader.ts";

/** A frame up to here is copied as a whole; whoever keeps one of its payloads, keeps that much. */
const MAX_SHARED_BYTES = 64 * 1024;
const NO_ROWS: readonly IndexRow[] = Object.freeze([]);

/**
 * A sealed frame opened for reading, whose head has proven itself by its CRC; `checkDigest` proves the
 * frame as a link of its run.
 */
export interface DecodedFrame {
  readonly header: FrameHeader;
  /**
   * Every entry, in order, decoded one by one as they are asked for, and proven by their hashes.
   *
   * @throws {@link HashMismatchError} at the entry whose hash does not hold.
   * @throws {@link CorruptedError} for anything else that is not what was sealed.
   */
  entries(): Iterable<Entry>;
  /** The same for who knows that the frame holds (`proveFrame`): no hash is looked at. */
  provenEntries(): Iterable<Entry>;
  /**
   * One entry, undefined for a seq of another frame; the others need not hold.
   *
   * @throws the same as `entries`.
   */
  entryAt(seq: Seq): Entry | undefined;
}

/**
 * Opens a sealed frame, whose bytes must stay as they are while it is read. Payloads and hashes of
 * its entries are copies; payloads of one frame may lie in one piece of memory of up to 64 KiB.
 *
 * @throws {@link UnsupportedFormatError} for a frame of another version.
 * @throws {@link CorruptedError} for what is no frame, or whose head is not what was sealed.
 */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  const frame = new OpenFrame(bytes);
  frame.checkHeadCrc();
  return {
    header: frame.header,
    entries: () => entriesOf(frame, new FrameHashes(frame, isThere)),
    provenEntries: () => entriesOf(frame),
    entryAt: (seq) => entryAt(frame, seq),
  };
}

/**
 * Proves that every byte of a sealed frame is what was sealed, without decoding it.
 *
 * @throws {@link CorruptedError} unless the digest holds.
 */
export function checkDigest(bytes: Uint8Array): void {
  const { digest, fromSeq } = frameHeaderOf(bytes);
  if (!frameDigestOf(bytes).equals(digest)) {
    throw new CorruptedError("The digest of a frame does not hold", fromSeq);
  }
}

/**
 * Each index key of a frame once, with the first seq that mentioned it. Looks at the head alone,
 * which must be known to be good.
 */
export function indexRowsOf(frame: OpenFrame): readonly IndexRow[] {
  const { fromSeq, toSeq, indexKeyCount } = frame.header;
  if (indexKeyCount === 0) return NO_ROWS;
  const mentions = new FirstMentions();
  const cursor = new IndexKeyCursor(frame);
  for (let seq = fromSeq; seq <= toSeq; seq++) {
    for (const { kind, key } of cursor.keysOf(seq)) mentions.add(kind, key, seq);
  }
  return mentions.rows;
}

function* entriesOf(frame: OpenFrame, hashes?: FrameHashes): Generator<Entry, void, undefined> {
  const cursor = new EntryCursor(frame);
  const indexKeys = new IndexKeyCursor(frame);
  // To get memory for each payload takes longer than all else that is done for an entry.
  const isShared = frame.bytes.length <= MAX_SHARED_BYTES;
  const copy = isShared ? frame.bytes.slice() : undefined;
  while (cursor.next()) {
    if (hashes !== undefined) checkHash(hashes.useOf(cursor), cursor);
    const { payloadAt, payloadEnd } = cursor;
    const payload = copy?.subarray(payloadAt, payloadEnd) ?? payloadOf(frame, cursor);
    yield entryOf(frame, cursor, indexKeys, payload);
  }
}

function entryAt(frame: OpenFrame, seq: Seq): Entry | undefined {
  const { fromSeq, toSeq } = frame.header;
  if (!Number.isInteger(seq) || seq < fromSeq || seq > toSeq) return undefined;
  const cursor = new EntryCursor(frame);
  while (cursor.seq < seq) cursor.next();
  checkHash(useHash(frame, cursor, isThere), cursor);
  return entryOf(frame, cursor, new IndexKeyCursor(frame), payloadOf(frame, cursor));
}

function payloadOf({ bytes }: OpenFrame, { payloadAt, payloadEnd }: EntryCursor): Uint8Array {
  return bytes.slice(payloadAt, payloadEnd);
}

function entryOf(
  frame: OpenFrame,
  cursor: EntryCursor,
  indexKeys: IndexKeyCursor,
  payload: Uint8Array,
): Entry {
  const { bytes, view } = frame;
  const { seq, at } = cursor;
  return {
    seq,
    tsInit: view.getBigUint64(at + layout.AT_TS_INIT, true),
    tsPublish: view.getBigUint64(at + layout.AT_TS_PUBLISH, true),
    topic: frame.topics.textOf(cursor.topicId),
    payloadType: frame.payloadTypes.textOf(cursor.payloadTypeId),
    payload,
    headers: headersOf(uuidIn(bytes, cursor.correlationIdAt), uuidIn(bytes, cursor.causationIdAt)),
    indexKeys: indexKeys.keysOf(seq),
    hash: bytes.slice(at + layout.AT_HASH, at + layout.AT_HASH + layout.HASH_BYTES),
  };
}

/** Undefined at 0, where there is none. */
function uuidIn(bytes: Uint8Array, at: number): string | undefined {
  return at === 0 ? undefined : uuidAt(bytes, at);
}
