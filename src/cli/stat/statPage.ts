import { readFile } from "node:fs/promises";
import type { Column } from "../table.ts";
import { visible } from "../visibleText.ts";
import type { Bar } from "./barLines.ts";
import { escapeHtml, scriptJson } from "./escapeHtml.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./pageParts.ts";
import { shareText } from "./shareText.ts";
import type { RunFacts } from "./stat.ts";
import { topicBars } from "./statPlot.ts";
import { batchSizeText, summaryOf, TOPIC_COLUMNS, topicRows } from "./statText.ts";

const MS_PER_SECOND = 1000;
const NS_PER_MS = 1_000_000n;

/** What the charts of the page are drawn from. */
interface PageData {
  /** Seconds since the Unix epoch. */
  readonly times: readonly number[];
  readonly perSecond: readonly number[];
  readonly sizes: readonly string[];
  readonly batches: readonly number[];
}

/**
 * The numbers of a run as one page with charts: everything is in it, nothing is fetched, and what
 * was recorded is text in it, whatever it says.
 */
export async function statPage(facts: RunFacts, top: number): Promise<string> {
  const [script, style] = await Promise.all([
    readFile(new URL(import.meta.resolve("uplot/dist/uPlot.iife.min.js")), "utf8"),
    readFile(new URL(import.meta.resolve("uplot/dist/uPlot.min.css")), "utf8"),
  ]);
  const title = `Run ${facts.manifest.runId}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<style>${style}${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${text(title)}</h1>
<dl>${summaryOf(facts).map(definition).join("")}</dl>
<h2>Entries per second</h2>
<div class="chart" id="rate"></div>
<h2>Batches by size</h2>
<div class="chart" id="sizes"></div>
<h2>Entries by topic</h2>
${barList(topicBars(facts))}
<h2>Topics and types</h2>
${tableOf(TOPIC_COLUMNS, topicRows(facts, top))}
</main>
<script type="application/json" id="data">${scriptJson(dataOf(facts))}</script>
<script>${script}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function dataOf({ rate, batchSizes }: RunFacts): PageData {
  const { startNs, bucketMs, entries } = rate;
  const startMs = Number(startNs / NS_PER_MS);
  // A step is as wide as the way to the next one: the last needs one, too.
  const steps = [...entries, ...entries.slice(-1)];
  return {
    times: steps.map((_, bucket) => (startMs + bucket * bucketMs) / MS_PER_SECOND),
    perSecond: steps.map((count) => (count * MS_PER_SECOND) / bucketMs),
    sizes: batchSizes.map(({ fromEntries, toEntries }) => batchSizeText(fromEntries, toEntries)),
    batches: batchSizes.map(({ batches }) => batches),
  };
}

function definition([name, value]: readonly [string, string]): string {
  return `<dt>${text(name)}</dt><dd>${text(value)}</dd>`;
}

function barList(bars: readonly Bar[]): string {
  const sum = bars.reduce((all, { value }) => all + value, 0);
  const highest = Math.max(1, ...bars.map(({ value }) => value));
  const items = bars.map(({ label, value }) => {
    const width = ((100 * value) / highest).toFixed(2);
    return `<li><span>${text(label)}</span><span>${value} · ${shareText(value, sum)}</span><i style="width:${width}%"></i></li>`;
  });
  return `<ul class="bars">${items.join("")}</ul>`;
}

function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cellsOf = (cells: readonly string[], tag: "th" | "td"): string =>
    cells
      .map((cell, at) => {
        const isNumber = columns[at]?.align === "right";
        return `<${tag}${isNumber ? ' class="number"' : ""}>${text(cell)}</${tag}>`;
      })
      .join("");
  const names = columns.map(({ name }) => name);
  const body = rows.map((row) => `<tr>${cellsOf(row, "td")}</tr>`).join("");
  return `<div class="wide"><table class="facts"><thead><tr>${cellsOf(names, "th")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** What hides in a text or turns it around is shown, too. */
function text(value: string): string {
  return escapeHtml(visible(value));
}
