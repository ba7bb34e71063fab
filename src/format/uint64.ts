/** 2^32: a number of 64 bits is two of 32. */
export const TWO_32 = 0x1_00_00_00_00;
/** The highest word of a safe integer has 21 bits. */
const MAX_SAFE_HIGH = 0x1f_ff_ff;

/** Writes a safe integer as 64 bits, little-endian, without a bigint on the way. */
export function writeSafeUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / TWO_32), true);
}

/** Reads 64 bits, little-endian; undefined for what is no safe integer. */
export function readSafeUint64(view: DataView, at: number): number | undefined {
  const high = view.getUint32(at + 4, true);
  return high > MAX_SAFE_HIGH ? undefined : high * TWO_32 + view.getUint32(at, true);
}
