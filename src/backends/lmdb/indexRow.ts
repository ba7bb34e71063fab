import { crc32 } from "node:zlib";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError } from "../../model/errors.ts";
import { numberBytesOf, numberOf } from "./keys.ts";
import type { Row } from "./Rows.ts";

const CRC_BYTES = 4;

/**
 * A row of the index: its seq (8), and the CRC-32 of its key and seq (4), big-endian. The key is part
 * of it since nothing else would tell a damaged one from another.
 */
export function encodeIndexRow(key: Uint8Array, seq: Seq): Row {
  const seqBytes = numberBytesOf(seq);
  const crc = Buffer.alloc(CRC_BYTES);
  crc.writeUInt32BE(crcOf(key, seqBytes));
  return { key, value: Buffer.concat([seqBytes, crc]) };
}

/** The seq of a row of the index. @throws {@link CorruptedError} where it is not what was written. */
export function decodeIndexRow({ key, value }: Row): Seq {
  const end = value.byteLength - CRC_BYTES;
  const seqBytes = value.subarray(0, Math.max(end, 0));
  const seq = numberOf(seqBytes);
  const isProven =
    seq !== undefined &&
    new DataView(value.buffer, value.byteOffset + end, CRC_BYTES).getUint32(0) ===
      crcOf(key, seqBytes);
  if (!isProven) throw new CorruptedError("A row of the index is damaged");
  return seq;
}

function crcOf(key: Uint8Array, seqBytes: Uint8Array): number {
  return crc32(seqBytes, crc32(key));
}
