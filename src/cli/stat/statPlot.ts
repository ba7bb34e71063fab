import { colouringOf } from "../colours.ts";
import type { CommandContext } from "../CommandContext.ts";
import { shortened } from "../visibleText.ts";
import { barLines, type Bar } from "./barLines.ts";
import { ratePlot } from "./ratePlot.ts";
import type { Statistics } from "./RunStatistics.ts";
import { batchSizeText } from "./statText.ts";
import { sumOf } from "./TopicCounts.ts";

/** Where there is no terminal. */
const USUAL_COLUMNS = 80;
const MAX_COLUMNS = 120;
const MAX_TOPICS = 10;

/** A run in pictures: entries per second, batch sizes, topics. Never wider than the terminal. */
export async function statPlot(facts: Statistics, context: CommandContext): Promise<string> {
  const { columns: given } = context.stdout;
  const columns = Number.isFinite(given) ? Math.min(given, MAX_COLUMNS) : USUAL_COLUMNS;
  const { bold, cyan } = await colouringOf(context);
  const pictures = [
    ["entries per second", await ratePlot(facts.rate, columns)],
    ["batches by size", barLines(batchBars(facts), columns)],
    ["entries by topic", barLines(topicBars(facts), columns)],
  ] as const;
  return pictures
    .map(([title, lines]) => {
      const drawn = lines.map((line) => `${cyan(line)}\n`).join("");
      return `\n${bold(shortened(title, columns))}\n${drawn}`;
    })
    .join("");
}

function batchBars({ batchSizes }: Statistics): Bar[] {
  return batchSizes.map(({ fromEntries, toEntries, batches }) => ({
    label: batchSizeText(fromEntries, toEntries),
    value: batches,
  }));
}

/** The topics with the most entries, and all others together. */
export function topicBars({ topics, others }: Statistics): Bar[] {
  const rest = sumOf([...topics.slice(MAX_TOPICS), others]);
  const bars = topics
    .slice(0, MAX_TOPICS)
    .map(({ topic, entries }) => ({ label: topic, value: entries }));
  return rest.entries === 0 ? bars : [...bars, { label: "others", value: rest.entries }];
}
