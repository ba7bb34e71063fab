/**
 * Orders well-formed strings as their UTF-8 bytes are ordered, which is the order of their code
 * points. The order of `<` is that of UTF-16 and differs: there a surrogate, which stands for a
 * code point beyond U+FFFF, comes before U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = rankOf(a.charCodeAt(index)) - rankOf(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const BEYOND_EVERY_UNIT = 0x10000;

function rankOf(unit: number): number {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + BEYOND_EVERY_UNIT : unit;
}
