import { crc32 } from "node:zlib";

/** What a checksum adds to the text of a manifest. */
export const CHECKSUM_BYTES = 23;

/** How the text of a manifest ends, and what stands there instead once it has its checksum. */
const END = "\n}\n";
const CHECKED_END = /,\n {2}"crc32": "([0-9a-f]{8})"\n\}\n$/;

/**
 * The text of a manifest with the CRC-32 of its bytes as its last field: in JSON, one flipped bit
 * makes another seed, time or hash that nobody could tell from the right one.
 */
export function withChecksum(text: string): string {
  return `${text.slice(0, -END.length)},\n  "crc32": "${checksumOf(text)}"${END}`;
}

/** The bytes without their checksum, or undefined where there is none, or another one. */
export function provenText(bytes: Uint8Array): Uint8Array | undefined {
  const checked = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const [end, checksum] = CHECKED_END.exec(checked) ?? [];
  if (end === undefined) return undefined;
  const text = Buffer.from(checked.slice(0, -end.length) + END, "latin1");
  return checksumOf(text) === checksum ? text : undefined;
}

function checksumOf(text: string | Uint8Array): string {
  return crc32(text).toString(16).padStart(8, "0");
}
