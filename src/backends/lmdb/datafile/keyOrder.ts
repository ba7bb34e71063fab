/** How a tree orders its keys: by bytes, or as little-endian numbers of 64 bits. */
export type KeyOrder = "bytes" | "uint64";

/** The bytes of every key in a tree of numbers. */
export const UINT64_KEY_BYTES = 8;

/** Negative where the first key comes before the second, 0 where they are the same. */
export function compareKeys(a: Uint8Array, b: Uint8Array, order: KeyOrder): number {
  return order === "bytes" ? compareBytes(a, b) : compareUint64(a, b);
}

/** The same by bytes, where the first key is part of what is given. */
export function compareBytes(
  a: Uint8Array,
  b: Uint8Array,
  from: number = 0,
  to: number = a.length,
): number {
  const shorter = Math.min(to - from, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = (a[from + at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return to - from - b.length;
}

/** The same by number. */
export function compareUint64(a: Uint8Array, b: Uint8Array, from: number = 0): number {
  for (let at = UINT64_KEY_BYTES - 1; at >= 0; at -= 1) {
    const difference = (a[from + at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
