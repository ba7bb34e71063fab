import type { Result } from "../recordedResults.ts";
import { barPanel } from "./barPanel.ts";
import { pointsOf } from "./points.ts";
import type { Specification } from "./renderSvg.ts";

/** As many entries as can be made durable. */
export function saturatedChart(results: readonly Result[]): Specification | undefined {
  const { points, origin } = pointsOf(results, "saturated");
  if (points.length === 0) return undefined;
  return {
    title: {
      text: "Saturated: 10,000 entries outstanding",
      subtitle: [
        ...origin,
        "256 B payloads; behind the bars what part of tidemark's rate it is; lines: all rounds",
      ],
    },
    ...barPanel(points),
  };
}
