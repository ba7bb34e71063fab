/** How a series of equally spaced values goes, per step and relative to its median. */
export interface Trend {
  /** The slope lies between these; they have no end where the values are too few to tell. */
  readonly least: number;
  readonly most: number;
}

/** In errors of a normal distribution: 1 series of 400 lies outside. */
const SURE_ERRORS = 3;

/**
 * After Theil, Sen and Kendall: which slopes the order of the values leaves possible. A few that jump
 * do not move it, and nothing is assumed of how they scatter but that one does not depend on the one
 * before.
 */
export function trendOf(values: readonly number[]): Trend {
  const n = values.length;
  const slopes = values
    .flatMap((to, at) => values.slice(0, at).map((from, before) => (to - from) / (at - before)))
    .toSorted((a, b) => a - b);
  const off = SURE_ERRORS * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const outside = Math.floor((slopes.length - off) / 2);
  if (outside < 0) return { least: -Infinity, most: Infinity };
  const scale = medianOf(values);
  const [least = 0, most = 0] = [slopes[outside], slopes.at(-1 - outside)];
  // Of zeros alone there is no share.
  return { least: least === 0 ? 0 : least / scale, most: most === 0 ? 0 : most / scale };
}

/** The middle one, the upper of two; 0 of none. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
