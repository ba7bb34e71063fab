import type { Seq } from "../../model/entry.ts";

/*
 * Everything of a run is in one tree, ordered by bytes. The first byte of a key tells what the row
 * is; frames come last, so that they append at the right edge of the tree.
 */
const RUN_PREFIX = 0x08;
const EPOCH_PREFIX = 0x10;
const ANCHOR_PREFIX = 0x20;
const INDEX_PREFIX = 0x30;
const FRAME_PREFIX = 0x40;

const SEQ_BYTES = 8;
const HALF = 2 ** 32;
/** What LMDB holds in a key at any page size; kind and key of a draft are at most 480. */
const MAX_KEY_BYTES = 511;

/** The one row that says which run this is, so that exchanged files are seen. */
export const RUN_KEY: Uint8Array = Uint8Array.of(RUN_PREFIX);
/** The one row that says which writer the run belongs to. */
export const EPOCH_KEY: Uint8Array = Uint8Array.of(EPOCH_PREFIX);
/** The one row with the latest snapshot anchor. */
export const ANCHOR_KEY: Uint8Array = Uint8Array.of(ANCHOR_PREFIX);
/** Below the key of every row of the index. */
export const INDEX_START: Uint8Array = Uint8Array.of(INDEX_PREFIX);
/** Above the key of every row of the index. */
export const INDEX_END: Uint8Array = Uint8Array.of(INDEX_PREFIX + 1);
/** Below the key of every frame. */
export const FRAMES_START: Uint8Array = Uint8Array.of(FRAME_PREFIX);
/** Above the key of every frame. */
export const FRAMES_END: Uint8Array = Uint8Array.of(FRAME_PREFIX + 1);

/** The key of the frame whose first entry is `seq`. */
export function frameKey(seq: Seq): Uint8Array {
  const key = Buffer.allocUnsafeSlow(1 + SEQ_BYTES);
  key[0] = FRAME_PREFIX;
  writeNumber(key, 1, seq);
  return key;
}

/** The first seq of the frame under a key, or undefined where the key is not that of a frame. */
export function fromSeqOf(key: Uint8Array): Seq | undefined {
  return key.byteLength === 1 + SEQ_BYTES && key[0] === FRAME_PREFIX
    ? numberOf(key.subarray(1))
    : undefined;
}

/**
 * The key of an index row, or undefined where no row can have it: NUL parts kind and key, and a
 * lone surrogate would turn into another character.
 */
export function indexRowKey(kind: string, key: string): Uint8Array | undefined {
  if (!isKeyText(kind) || !isKeyText(key)) return undefined;
  const row = Buffer.from(`${String.fromCharCode(INDEX_PREFIX)}${kind}\0${key}`);
  return row.byteLength <= MAX_KEY_BYTES ? row : undefined;
}

/** Whether a key is that of a row of the index, whatever the row holds. */
export function isIndexRowKey(key: Uint8Array): boolean {
  return key[0] === INDEX_PREFIX;
}

/** Where the rows of a kind start and where they end, or undefined where there can be none. */
export function indexRangeOf(
  kind: string,
): { readonly start: Uint8Array; readonly end: Uint8Array } | undefined {
  const start = indexRowKey(kind, "");
  if (start === undefined) return undefined;
  const end = new Uint8Array(start);
  end[end.byteLength - 1] = 1;
  return { start, end };
}

/** The kind of an index row. */
export function indexKindOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  const row = Buffer.from(buffer, byteOffset, byteLength);
  return row.toString("utf8", 1, row.indexOf(0, 1));
}

/** The key part of an index row of a kind. */
export function indexKeyOf(row: Uint8Array, kind: string): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString(
    "utf8",
    1 + Buffer.byteLength(kind) + 1,
  );
}

/** A number as 8 big-endian bytes: as keys they sort, as values they cannot be misread. */
export function numberBytesOf(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(SEQ_BYTES);
  writeNumber(bytes, 0, value);
  return bytes;
}

/** The number in 8 big-endian bytes, or undefined where they are none that we write. */
export function numberOf(bytes: Uint8Array): number | undefined {
  if (bytes.byteLength !== SEQ_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = view.getUint32(0) * HALF + view.getUint32(4);
  return Number.isSafeInteger(value) ? value : undefined;
}

function writeNumber(target: Buffer, at: number, value: number): void {
  target.writeUInt32BE(Math.floor(value / HALF), at);
  target.writeUInt32BE(value % HALF, at + 4);
}

function isKeyText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
