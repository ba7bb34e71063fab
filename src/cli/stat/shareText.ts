/** A part of a whole in per cent. */
export function shareText(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
}
