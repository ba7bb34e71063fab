/**
 * Where things are in a frame; docs/format.md says what they mean. Everything is little-endian, and
 * head, entries, payloads and digest start at multiples of 8.
 *
 *     header · texts · index keys · CRC | entry · entry · … | digest
 */

/** "TIDE" in ASCII, read as a little-endian number. */
export const MAGIC = 0x45_44_49_54;

/** Offsets in the header. */
export const AT_MAGIC = 0;
export const AT_VERSION = 4;
/** Two bytes that are zero. */
export const AT_RESERVED = 6;
export const AT_FRAME_BYTES = 8;
export const AT_HEAD_BYTES = 12;
export const AT_FROM_SEQ = 16;
export const AT_EPOCH = 24;
export const AT_ENTRY_COUNT = 32;
export const AT_TOPIC_COUNT = 36;
export const AT_PAYLOAD_TYPE_COUNT = 38;
export const AT_INDEX_KIND_COUNT = 40;
export const AT_INDEX_KEY_COUNT = 44;
export const AT_MIN_TS_INIT = 48;
export const AT_MAX_TS_INIT = 56;
export const AT_RUN_MAX_TS_INIT = 64;
export const AT_PREVIOUS_DIGEST = 72;
export const HEADER_BYTES = 104;

/** Before each topic, payload type and index kind: the number of its bytes. */
export const TEXT_LENGTH_BYTES = 2;

/** Offsets in what stands before each index key. */
export const AT_KEY_ENTRY = 0;
export const AT_KEY_BYTES = 2;
export const AT_KEY_KIND_ID = 4;
export const KEY_HEADER_BYTES = 8;

export const CRC_BYTES = 4;
export const DIGEST_BYTES = 32;

/** Offsets in an entry. */
export const AT_TS_INIT = 0;
export const AT_TS_PUBLISH = 8;
export const AT_PAYLOAD = 16;
export const AT_TOPIC_ID = 20;
export const AT_PAYLOAD_TYPE_ID = 22;
export const AT_HASH = 24;
export const HASH_BYTES = 32;
/** The part that every entry has. */
export const ENTRY_BYTES = 56;
export const UUID_BYTES = 16;

/** What the word at `AT_PAYLOAD` holds: the length of the payload and two flags. */
export const MAX_PAYLOAD_BYTES = 0x3f_ff_ff_ff;
export const HAS_CORRELATION_ID = 0x40_00_00_00;
export const HAS_CAUSATION_ID = 0x80_00_00_00;

/** Of a topic, payload type, index kind or key: their lengths have 16 bits. */
export const MAX_TEXT_BYTES = 0xff_ff;
/** The numbers of topics, payload types and entries have 16 bits. */
export const MAX_FRAME_ENTRIES = 0xff_ff;
/** Offsets stay below the sign bit of 32-bit arithmetic. */
export const MAX_FRAME_BYTES = 0x7f_ff_ff_ff;

/** The shortest head, and the shortest frame: one entry without anything. */
export const MIN_HEAD_BYTES = 112;
export const MIN_FRAME_BYTES: number = MIN_HEAD_BYTES + ENTRY_BYTES + DIGEST_BYTES;

/** The next multiple of 8. */
export function align8(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** The bytes of a whole head whose texts and index keys end there. */
export function headBytesOf(contentEnd: number): number {
  return align8(contentEnd + CRC_BYTES);
}
