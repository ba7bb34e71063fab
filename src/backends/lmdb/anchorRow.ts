import { CorruptedError } from "../../model/errors.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import { numberBytesOf, numberOf } from "./keys.ts";

const WATERMARK_BYTES = 8;
const LENGTH_BYTES = 2;
const MAX_TEXT_BYTES = 1_024;

/** An anchor's row: watermark (8), length of blobRef (2), blobRef, contentHash; big-endian, UTF-8. */
export function encodeAnchor(anchor: SnapshotAnchor): Uint8Array {
  const blobRef = Buffer.from(anchor.blobRef);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(blobRef.byteLength);
  return Buffer.concat([
    numberBytesOf(anchor.highWatermark),
    length,
    blobRef,
    Buffer.from(anchor.contentHash),
  ]);
}

/**
 * The anchor of a row.
 *
 * @throws {@link CorruptedError} where the row is none that {@link encodeAnchor} gives.
 */
export function decodeAnchor(row: Uint8Array): SnapshotAnchor {
  const highWatermark = numberOf(row.subarray(0, WATERMARK_BYTES));
  const textStart = WATERMARK_BYTES + LENGTH_BYTES;
  if (highWatermark === undefined || row.byteLength < textStart) {
    throw new CorruptedError("The row of the snapshot anchor is damaged");
  }
  const blobEnd = textStart + ((row[WATERMARK_BYTES] ?? 0) << 8) + (row[WATERMARK_BYTES + 1] ?? 0);
  return {
    highWatermark,
    blobRef: textOf(row.subarray(textStart, blobEnd)),
    contentHash: textOf(row.subarray(blobEnd)),
  };
}

function textOf(bytes: Uint8Array): string {
  if (bytes.byteLength >= 1 && bytes.byteLength <= MAX_TEXT_BYTES) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new CorruptedError("The snapshot anchor holds no text", undefined, { cause });
    }
  }
  throw new CorruptedError("The row of the snapshot anchor is damaged");
}
