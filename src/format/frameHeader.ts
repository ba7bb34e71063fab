import type { Seq } from "../model/entry.ts";
import { CorruptedError, UnsupportedFormatError } from "../model/errors.ts";
import { FORMAT_VERSION } from "./formatVersion.ts";
import * as layout from "./frameLayout.ts";
import { readSafeUint64 } from "./uint64.ts";

/** What a frame tells in its first bytes. */
export interface HeadFields {
  readonly version: number;
  /** The bytes of the whole frame. */
  readonly frameBytes: number;
  /** The bytes before the first entry. */
  readonly headBytes: number;
  readonly fromSeq: Seq;
  readonly toSeq: Seq;
  readonly entryCount: number;
  /** The epoch of the writer that wrote the frame. */
  readonly epoch: number;
  readonly topicCount: number;
  readonly payloadTypeCount: number;
  readonly indexKindCount: number;
  readonly indexKeyCount: number;
  readonly minTsInit: bigint;
  readonly maxTsInit: bigint;
  /** The largest `tsInit` of the run up to the end of this frame; 0 before the seal. */
  readonly runMaxTsInit: bigint;
  /** The digest of the frame before; zeros in the first one. */
  readonly previousDigest: Uint8Array;
}

/** What the fixed parts of a frame tell, at its start and at its end. */
export interface FrameHeader extends HeadFields {
  readonly digest: Uint8Array;
}

/** What the next frame of a run builds on. */
export interface ChainHead {
  readonly digest: Uint8Array;
  /** The largest `tsInit` of the run so far; undefined in a run without entries. */
  readonly maxTsInit: bigint | undefined;
}

/**
 * The header of a frame, sealed or not. The entries are not looked at, and nothing is proven but
 * that the lengths fit: `checkDigest` proves the frame, `decodeFrame` what it hands out.
 *
 * @throws {@link UnsupportedFormatError} for a frame of another version.
 * @throws {@link CorruptedError} for what is no frame.
 */
export function frameHeaderOf(bytes: Uint8Array): FrameHeader {
  const fields = headFieldsOf(bytes);
  const { frameBytes, fromSeq } = fields;
  if (frameBytes !== bytes.length) {
    throw new CorruptedError(`A frame says ${frameBytes} bytes and has ${bytes.length}`, fromSeq);
  }
  // Not a copy of so many fields: that would take longer than to read them (D-042).
  return Object.assign(fields, { digest: copyOf(bytes, bytes.length - layout.DIGEST_BYTES) });
}

/**
 * The same of a frame whose end may be missing, but for what is there.
 *
 * @throws as {@link frameHeaderOf}.
 */
export function headFieldsOf(bytes: Uint8Array): HeadFields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkVersion(view);
  const fromSeq = readSafeUint64(view, layout.AT_FROM_SEQ);
  const epoch = readSafeUint64(view, layout.AT_EPOCH);
  if (fromSeq === undefined || fromSeq === 0) throw new CorruptedError("A frame has no first seq");
  if (epoch === undefined) throw new CorruptedError("A frame has no epoch", fromSeq);
  const entryCount = view.getUint32(layout.AT_ENTRY_COUNT, true);
  const fields: HeadFields = {
    version: FORMAT_VERSION,
    frameBytes: view.getUint32(layout.AT_FRAME_BYTES, true),
    headBytes: view.getUint32(layout.AT_HEAD_BYTES, true),
    fromSeq,
    toSeq: fromSeq + (entryCount - 1),
    entryCount,
    epoch,
    topicCount: view.getUint16(layout.AT_TOPIC_COUNT, true),
    payloadTypeCount: view.getUint16(layout.AT_PAYLOAD_TYPE_COUNT, true),
    indexKindCount: view.getUint32(layout.AT_INDEX_KIND_COUNT, true),
    indexKeyCount: view.getUint32(layout.AT_INDEX_KEY_COUNT, true),
    minTsInit: view.getBigUint64(layout.AT_MIN_TS_INIT, true),
    maxTsInit: view.getBigUint64(layout.AT_MAX_TS_INIT, true),
    runMaxTsInit: view.getBigUint64(layout.AT_RUN_MAX_TS_INIT, true),
    previousDigest: copyOf(bytes, layout.AT_PREVIOUS_DIGEST),
  };
  checkLengths(fields);
  checkEntries(fields);
  return fields;
}

/** What the frame after one with this header builds on. */
export function chainHeadOf({ digest, runMaxTsInit }: FrameHeader): ChainHead {
  return { digest, maxTsInit: runMaxTsInit };
}

/** The largest `tsInit` of a run that goes on with a frame. */
export function runMaxTsInitOf(previous: ChainHead, { maxTsInit }: HeadFields): bigint {
  const { maxTsInit: before = maxTsInit } = previous;
  return before > maxTsInit ? before : maxTsInit;
}

/** Whether a frame says that it goes on with a run; where its entries belong is another matter. */
export function isNextOf(previous: ChainHead, header: HeadFields): boolean {
  const isLinked = Buffer.compare(previous.digest, header.previousDigest) === 0;
  return isLinked && header.runMaxTsInit === runMaxTsInitOf(previous, header);
}

function checkVersion(view: DataView): void {
  if (view.byteLength < layout.AT_FRAME_BYTES) {
    throw new CorruptedError("A frame is cut off in its first 8 bytes");
  }
  if (view.getUint32(layout.AT_MAGIC, true) !== layout.MAGIC) {
    throw new CorruptedError("A frame does not start with TIDE");
  }
  const version = view.getUint16(layout.AT_VERSION, true);
  if (version !== FORMAT_VERSION) {
    throw new UnsupportedFormatError("A frame", version, FORMAT_VERSION);
  }
  if (view.getUint16(layout.AT_RESERVED, true) !== 0) {
    throw new CorruptedError("A frame has something where version 1 has zero");
  }
  if (view.byteLength < layout.HEADER_BYTES) {
    throw new CorruptedError("A frame is cut off in its header");
  }
}

function checkLengths({ frameBytes, headBytes, fromSeq }: HeadFields): void {
  if (frameBytes % 8 !== 0 || frameBytes > layout.MAX_FRAME_BYTES) {
    throw new CorruptedError(`A frame says that it has ${frameBytes} bytes`, fromSeq);
  }
  if (headBytes < layout.MIN_HEAD_BYTES || headBytes % 8 !== 0) {
    throw new CorruptedError(`A frame says that its head has ${headBytes} bytes`, fromSeq);
  }
}

/** That there are entries, and room for them between head and digest. */
function checkEntries(fields: HeadFields): void {
  const { frameBytes, headBytes, fromSeq, toSeq, entryCount } = fields;
  const room = (frameBytes - headBytes - layout.DIGEST_BYTES) / layout.ENTRY_BYTES;
  if (entryCount === 0 || entryCount > Math.min(room, layout.MAX_FRAME_ENTRIES)) {
    throw new CorruptedError(`A frame says that it has ${entryCount} entries`, fromSeq);
  }
  if (!Number.isSafeInteger(toSeq)) throw new CorruptedError("A frame has no last seq", fromSeq);
  if (fields.minTsInit > fields.maxTsInit) {
    throw new CorruptedError("A frame says that it ends before it starts", fromSeq);
  }
}

/** A plain array of its own; `slice` of a Buffer would be a view. */
function copyOf(bytes: Uint8Array, at: number): Uint8Array {
  return new Uint8Array(bytes.subarray(at, at + layout.DIGEST_BYTES));
}
