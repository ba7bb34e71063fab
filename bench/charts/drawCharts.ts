import { writeFileSync } from "node:fs";
import { PERFORMANCE_FOLDER, type Result } from "../recordedResults.ts";
import { commitsChart } from "./commitsChart.ts";
import { latencyChart } from "./latencyChart.ts";
import { type Specification, renderSvg } from "./renderSvg.ts";
import { saturatedChart } from "./saturatedChart.ts";
import { sizeChart } from "./sizeChart.ts";

/** The charts by the names of their files. */
const CHARTS: Readonly<Record<string, (results: readonly Result[]) => Specification | undefined>> =
  {
    "commits.svg": commitsChart,
    "saturated.svg": saturatedChart,
    "latency.svg": latencyChart,
    "size.svg": sizeChart,
  };

/** Draws every chart that there are figures for, beside the results. */
export async function drawCharts(results: readonly Result[]): Promise<void> {
  for (const [name, chartOf] of Object.entries(CHARTS)) {
    const specification = chartOf(results);
    if (specification === undefined) continue;
    writeFileSync(new URL(name, PERFORMANCE_FOLDER), await renderSvg(specification));
  }
}
