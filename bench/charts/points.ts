import type { Figure } from "../Benchmark.ts";
import type { Labels } from "../Labels.ts";
import type { Result } from "../recordedResults.ts";

/** The name of a chart. */
export type ChartName = Labels["chart"];

/** A figure with its place in a chart. */
export type Point<Chart extends ChartName> = Omit<Figure, "labels"> &
  Extract<Labels, { readonly chart: Chart }>;

/** The figures that belong to a chart, and what they were measured on. */
export interface Points<Chart extends ChartName> {
  readonly points: readonly Point<Chart>[];
  /** The machine, the versions and the revision, in a line or two. */
  readonly origin: readonly string[];
}

/** What was found out for a chart, whichever benchmark it was. */
export function pointsOf<Chart extends ChartName>(
  results: readonly Result[],
  chart: Chart,
): Points<Chart> {
  const points: Point<Chart>[] = [];
  const origin = new Set<string>();
  for (const result of results) {
    for (const { labels, ...figure } of result.figures) {
      if (labels === undefined || !isOf(labels, chart)) continue;
      // JSON makes null of what is not a number: there is nothing to draw.
      if (!Number.isFinite(figure.median)) continue;
      points.push({ ...figure, ...labels });
      for (const line of originOf(result)) origin.add(line);
    }
  }
  return { points, origin: [...origin] };
}

function isOf<Chart extends ChartName>(
  labels: Labels,
  chart: Chart,
): labels is Extract<Labels, { readonly chart: Chart }> {
  return labels.chart === chart;
}

function originOf({ machine, rounds }: Result): readonly string[] {
  const { cpu, cores, memoryGiB, kernel, filesystem, node, rxjs, lmdb, revision } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, ${filesystem}`,
    `Node ${node}, rxjs ${rxjs}, lmdb ${lmdb}, revision ${revision}; medians of ${rounds} rounds`,
  ];
}
