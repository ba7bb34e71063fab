import type { Figure } from "./Benchmark.ts";

/** The middle of several values, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Runs every variant once per round. Rounds alternate in direction, so that a machine that gets
 * slower or faster meanwhile, or a neighbour's burst, is no advantage to one of them.
 */
export async function interleaved<Name extends string, Result>(
  rounds: number,
  variants: Readonly<Record<Name, () => Result | Promise<Result>>>,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(variants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Result[]
  >;
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      results[name].push(await variants[name]());
    }
  }
  return results;
}

/** The median of the values with the smallest and the largest. */
function spreadOf(values: ArrayLike<number>): Spread {
  const sorted = Float64Array.from(values).toSorted();
  return {
    median: percentileOf(sorted, 0.5),
    min: percentileOf(sorted, 0),
    max: percentileOf(sorted, 1),
  };
}

/** The value that a share of the sorted values does not exceed. */
export function percentileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A figure over the rounds. */
export function figure(what: string, unit: string, values: ArrayLike<number>): Figure {
  return { what, unit, ...spreadOf(values) };
}

/** One side over the other, round by round, so that only what stood side by side is compared. */
export function ratio(
  what: string,
  sides: { readonly of: readonly number[]; readonly over: readonly number[] },
  reach?: string,
): Figure {
  const ratios = sides.of.map((value, round) => value / (sides.over[round] ?? Number.NaN));
  const found = figure(what, "x", ratios);
  return reach === undefined ? found : { ...found, reach };
}

/** Nanoseconds per call of a step that is called so many times in a row. */
export function nsPerCall(calls: number, step: (call: number) => void): number {
  const startedAt = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) step(call);
  return Number(process.hrtime.bigint() - startedAt) / calls;
}
