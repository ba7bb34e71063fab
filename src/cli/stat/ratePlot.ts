import { durationText } from "../durationText.ts";
import { perSecondOf, type Rate } from "./perSecondOf.ts";
import type { TimeBucketCounts } from "./TimeBuckets.ts";

const MIN_PLOT_COLUMNS = 6;
const PLOT_ROWS = 8;
/** What the axis takes beside its labels. */
const AXIS_COLUMNS = 3;
/** What a label below the axis may take. */
const TICK_COLUMNS = 16;
const NS_PER_MS = 1_000_000;
const THOUSAND = 1000;

/** Entries per second over a run's time, drawn in lines no wider than `columns`. */
export async function ratePlot(
  counts: TimeBucketCounts,
  columns: number,
): Promise<readonly string[]> {
  const labelWidth = rateText(highestOf(perSecondOf(counts, Infinity))).length;
  const room = columns - labelWidth - AXIS_COLUMNS;
  if (room < MIN_PLOT_COLUMNS || counts.entries.length === 0) return ["-"];
  const rate = perSecondOf(counts, room);
  const highest = highestOf(rate);
  const { default: plot } = await import("simple-ascii-chart");
  const text = plot(pointsOf(rate, room), {
    mode: "bar",
    width: room,
    height: PLOT_ROWS,
    yRange: [0, highest],
    customYAxisTicks: [0, highest / 2, highest],
    customXAxisTicks: ticksOf(room),
    formatter: (value, { axis }) =>
      axis === "y" ? rateText(value).padStart(labelWidth) : timeAt(rate, value / room),
  });
  return (
    text
      .split("\n")
      .filter((line) => line.trim() !== "")
      // The signs of the plot are narrow; a label at its right end may stand out.
      .map((line) => line.slice(0, columns).trimEnd())
  );
}

/** One point for each column that has something to show; the two ends hold the axis. */
function pointsOf({ perSecond }: Rate, room: number): [number, number][] {
  const points: [number, number][] = [];
  for (let column = 0; column < room; column += 1) {
    const value = perSecond[Math.floor((column * perSecond.length) / room)] ?? 0;
    if (value > 0 || column === 0 || column === room - 1) points.push([column, value]);
  }
  return points;
}

function ticksOf(room: number): number[] {
  const ticks = Math.max(1, Math.floor(room / TICK_COLUMNS));
  return Array.from({ length: ticks }, (_, tick) => Math.floor((tick * room) / ticks));
}

function timeAt({ bucketMs, perSecond }: Rate, share: number): string {
  return durationText(BigInt(Math.round(share * perSecond.length * bucketMs * NS_PER_MS)));
}

function highestOf({ perSecond }: Rate): number {
  return Math.max(0, ...perSecond);
}

function rateText(value: number): string {
  if (value < THOUSAND) return String(Math.round(value));
  if (value < THOUSAND ** 2) return `${(value / THOUSAND).toFixed(1)}k`;
  return `${(value / THOUSAND ** 2).toFixed(1)}M`;
}
