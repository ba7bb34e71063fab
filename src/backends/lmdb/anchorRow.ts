import { crc32 } from "node:zlib";
import { CorruptedError } from "../../model/errors.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import { numberBytesOf, numberOf } from "./keys.ts";

const NUMBER_BYTES = 8;
const LENGTH_BYTES = 2;
const TXNID_END = 2 * NUMBER_BYTES;
const TEXT_START: number = TXNID_END + LENGTH_BYTES;
const CRC_BYTES = 4;
const MAX_TEXT_BYTES = 1_024;

/**
 * An anchor's row: watermark (8), number of its transaction (8), length of blobRef (2), blobRef,
 * contentHash, CRC-32 of all that (4); big-endian, UTF-8. The number tells it from an older one that
 * a page may still hold where its last writing was cut short.
 */
export function encodeAnchor(anchor: SnapshotAnchor, txnid: number): Uint8Array {
  const blobRef = Buffer.from(anchor.blobRef);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(blobRef.byteLength);
  const body = Buffer.concat([
    numberBytesOf(anchor.highWatermark),
    numberBytesOf(txnid),
    length,
    blobRef,
    Buffer.from(anchor.contentHash),
  ]);
  const crc = Buffer.alloc(CRC_BYTES);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([body, crc]);
}

/**
 * The anchor of a row.
 *
 * @throws {@link CorruptedError} where the row is none that {@link encodeAnchor} gives.
 */
export function decodeAnchor(row: Uint8Array): SnapshotAnchor {
  const body = provenBody(row);
  const highWatermark = numberOf(body.subarray(0, NUMBER_BYTES));
  if (highWatermark === undefined || body.byteLength < TEXT_START) throw damaged();
  const blobEnd = TEXT_START + ((body[TXNID_END] ?? 0) << 8) + (body[TXNID_END + 1] ?? 0);
  return {
    highWatermark,
    blobRef: textOf(body.subarray(TEXT_START, blobEnd)),
    contentHash: textOf(body.subarray(blobEnd)),
  };
}

/** The number of the transaction that stored a row. @throws as {@link decodeAnchor}. */
export function anchorTxnidOf(row: Uint8Array): number {
  const txnid = numberOf(provenBody(row).subarray(NUMBER_BYTES, TXNID_END));
  if (txnid === undefined) throw damaged();
  return txnid;
}

/** The row without its CRC, which holds. */
function provenBody(row: Uint8Array): Uint8Array {
  const end = row.byteLength - CRC_BYTES;
  if (end < 0) throw damaged();
  const body = row.subarray(0, end);
  const { buffer, byteOffset } = row;
  const crc = new DataView(buffer, byteOffset + end, CRC_BYTES).getUint32(0);
  if (crc !== crc32(body)) throw damaged();
  return body;
}

function damaged(): CorruptedError {
  return new CorruptedError("The row of the snapshot anchor is damaged");
}

function textOf(bytes: Uint8Array): string {
  if (bytes.byteLength >= 1 && bytes.byteLength <= MAX_TEXT_BYTES) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new CorruptedError("The snapshot anchor holds no text", undefined, { cause });
    }
  }
  throw damaged();
}
