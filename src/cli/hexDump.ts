const BYTES_PER_LINE = 16;
const OFFSET_DIGITS = 8;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/**
 * Bytes as lines of an offset, 16 bytes in hex, and their ASCII characters; from the line on that
 * has the byte `from`.
 */
export function* hexDump(bytes: Uint8Array, from = 0): Generator<string> {
  const start = from - (from % BYTES_PER_LINE);
  for (let offset = start; offset < bytes.byteLength; offset += BYTES_PER_LINE) {
    const line = [...bytes.subarray(offset, offset + BYTES_PER_LINE)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = line.map(characterOf).join("");
    const address = offset.toString(16).padStart(OFFSET_DIGITS, "0");
    yield `${address}  ${hex.padEnd(3 * BYTES_PER_LINE - 1)}  |${text}|`;
  }
}

function characterOf(byte: number): string {
  const isPrintable = byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE;
  return isPrintable ? String.fromCodePoint(byte) : ".";
}
