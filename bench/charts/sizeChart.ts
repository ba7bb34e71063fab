import type { Result } from "../recordedResults.ts";
import { type Point, pointsOf } from "./points.ts";
import type { Specification } from "./renderSvg.ts";
import { COLOURS } from "./theme.ts";

const COLUMNS = 3;
/** Names of operations that say of themselves that they cannot be flat. */
const LINEAR = "(linear)";

/** What operations cost on a run that grows: a panel for each, from zero, with a scale of its own. */
export function sizeChart(results: readonly Result[]): Specification | undefined {
  const { points, origin } = pointsOf(results, "size");
  if (points.length === 0) return undefined;
  const operations = [...new Set(points.map(({ operation }) => operation))];
  return {
    title: {
      text: "Cost over size: one run that grows",
      subtitle: [
        ...origin,
        "256 B payloads, one entry in 100 with a key; upright lines: all rounds; every scale begins at zero",
      ],
    },
    columns: COLUMNS,
    // Plots are aligned, whatever is written beside them.
    bounds: "flush",
    spacing: { row: 78, column: 78 },
    concat: operations.map((operation) =>
      panelOf(
        operation,
        points.filter((point) => point.operation === operation),
      ),
    ),
  };
}

function panelOf(operation: string, points: readonly Point<"size">[]): Specification {
  const colour = operation.endsWith(LINEAR) ? COLOURS.others : COLOURS.ours;
  const unit = points[0]?.unit;
  const y = {
    field: "median",
    type: "quantitative",
    title: unit,
    scale: { domain: [0, Math.max(...points.map(({ max }) => max)) * 1.1], nice: false },
    axis: { tickCount: 4, domain: false, ...(unit === "entries/s" ? { format: "~s" } : {}) },
  };
  return {
    title: { text: operation, fontSize: 12, offset: 6, frame: "group" },
    width: 180,
    height: 120,
    data: { values: points },
    encoding: {
      x: {
        field: "entries",
        type: "quantitative",
        title: "entries",
        scale: { type: "log", nice: false, padding: 12 },
        axis: { values: points.map(({ entries }) => entries), format: "~s", grid: false },
      },
      y,
    },
    layer: [
      { mark: { type: "line", color: colour, strokeWidth: 2 } },
      { mark: { type: "point", filled: true, size: 40, opacity: 1, color: colour } },
      {
        mark: { type: "rule", color: colour },
        encoding: { y: { ...y, field: "min" }, y2: { field: "max" } },
      },
    ],
  };
}
