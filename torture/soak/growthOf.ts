import { trendOf } from "../support/trendOf.ts";

/** What can be said of what a process holds. */
export interface Growth {
  /**
   * `flat`: the slope is surely below 1 % an hour. `grows`: surely above its limit, or grossly in the
   * few minutes there were. `open`: there were too few values, or they scatter too much, to tell.
   */
  readonly verdict: "flat" | "grows" | "open";
  /** Between these it grows, as a share an hour; without end where nothing is known. */
  readonly leastPerHour: number;
  readonly mostPerHour: number;
}

/** How a series was taken. */
export interface Sampling {
  readonly sampleSeconds: number;
  /** One value counts of so many in a row, which cover all that the load does in turn. */
  readonly samplesPerBlock: number;
}

/** From where on growth is a breach, as shares: an hour, and within some minutes. */
export interface GrowthLimits {
  readonly perHour: number;
  readonly gross: number;
}

/** Below this a series is flat. */
const FLAT_PER_HOUR = 0.01;
/** What is known no better than this does not show so small a slope, even where it seems to fall. */
const MAX_UNSURE_PER_HOUR = 0.05;
/** The first samples are of processes that still grow into their work. */
const WARM_UP = 0.25;
/**
 * What is left must be as long as this for a slope to be a breach: V8 goes on to learn of the code
 * that runs for some minutes. Before that, only gross growth is one.
 */
const MIN_SLOPE_SECONDS = 900;
/** Kendall's order of fewer values than this leaves any slope possible. */
const MIN_BLOCKS = 8;
/** What is counted in ones comes and goes by some of them. */
const FEW = 10;
const SECONDS_PER_HOUR = 3_600;

/**
 * Judges whether a series grows, by the least value of each block: what garbage, a burst and the
 * start of a run add for a moment is not in it, and what leaks is. So the values scatter little, and
 * one hardly depends on the one before.
 */
export function growthOf(
  values: readonly number[],
  sampling: Sampling,
  { perHour, gross }: GrowthLimits,
): Growth {
  const settled = values.slice(Math.floor(values.length * WARM_UP));
  const { leastPerHour, mostPerHour } = slopeOf(settled, sampling);
  const isLong = settled.length * sampling.sampleSeconds >= MIN_SLOPE_SECONDS;
  if (growsBy(gross, settled) || (isLong && leastPerHour > perHour)) {
    return { verdict: "grows", leastPerHour, mostPerHour };
  }
  const isShown = mostPerHour - leastPerHour < MAX_UNSURE_PER_HOUR;
  const isFlat = isShown && mostPerHour < FLAT_PER_HOUR;
  return { verdict: isFlat ? "flat" : "open", leastPerHour, mostPerHour };
}

function slopeOf(
  settled: readonly number[],
  { sampleSeconds, samplesPerBlock }: Sampling,
): Omit<Growth, "verdict"> {
  const blocks = leastOfBlocks(settled, samplesPerBlock);
  if (blocks.length < MIN_BLOCKS) return { leastPerHour: -Infinity, mostPerHour: Infinity };
  const { least, most } = trendOf(blocks);
  const perHour = SECONDS_PER_HOUR / (samplesPerBlock * sampleSeconds);
  return { leastPerHour: least * perHour, mostPerHour: most * perHour };
}

/** Of whole blocks, counted from the end. */
function leastOfBlocks(values: readonly number[], samplesPerBlock: number): readonly number[] {
  const blocks = Math.floor(values.length / samplesPerBlock);
  const first = values.length - blocks * samplesPerBlock;
  return Array.from({ length: blocks }, (_, block) => {
    const at = first + block * samplesPerBlock;
    return Math.min(...values.slice(at, at + samplesPerBlock));
  });
}

/** Whether the least of the last third is so far above that of the first. */
function growsBy(share: number, values: readonly number[]): boolean {
  const third = Math.floor(values.length / 3);
  if (third === 0) return false;
  const [first, last] = [values.slice(0, third), values.slice(-third)];
  const [before, after] = [Math.min(...first), Math.min(...last)];
  return after - before > Math.max(FEW, before * share);
}
