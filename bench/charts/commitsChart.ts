import type { Result } from "../recordedResults.ts";
import { barPanel } from "./barPanel.ts";
import { pointsOf } from "./points.ts";
import type { Specification } from "./renderSvg.ts";

/** One commit outstanding, a panel for each size of a batch, each with a scale of its own. */
export function commitsChart(results: readonly Result[]): Specification | undefined {
  const { points, origin } = pointsOf(results, "commits");
  if (points.length === 0) return undefined;
  const batches = [...new Set(points.map(({ batch }) => batch))].toSorted((a, b) => a - b);
  return {
    title: {
      text: "One commit at a time: each durable before the next begins",
      subtitle: [
        ...origin,
        "256 B payloads; behind the bars what part of tidemark's rate it is; lines: all rounds",
      ],
    },
    columns: 1,
    spacing: 20,
    concat: batches.map((batch) =>
      barPanel(
        points.filter((point) => point.batch === batch),
        batch === 1 ? "1 entry per commit" : `${batch.toLocaleString("en")} entries per commit`,
      ),
    ),
  };
}
