/** How a series of equally spaced values goes, relative to its mean. */
export interface Trend {
  /** Least squares, per step. */
  readonly slope: number;
  readonly slopeError: number;
  /** The median of the last third over that of the first. */
  readonly lastOverFirst: number;
}

export function trendOf(values: readonly number[]): Trend {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 3 || mean === 0) return { slope: 0, slopeError: 0, lastOverFirst: 1 };
  const middle = (n - 1) / 2;
  let spread = 0;
  let together = 0;
  for (const [at, value] of values.entries()) {
    spread += (at - middle) ** 2;
    together += (at - middle) * (value - mean);
  }
  const slope = together / spread;
  let rest = 0;
  for (const [at, value] of values.entries()) rest += (value - mean - slope * (at - middle)) ** 2;
  const third = Math.max(1, Math.floor(n / 3));
  return {
    slope: slope / mean,
    slopeError: Math.sqrt(rest / (n - 2) / spread) / mean,
    lastOverFirst: median(values.slice(-third)) / median(values.slice(0, third)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
