import { colouringOf } from "../colours.ts";
import type { CommandContext } from "../CommandContext.ts";
import { durationText } from "../durationText.ts";
import { sizeText } from "../sizeText.ts";
import { tableOf, type Column } from "../table.ts";
import { timeText } from "../timeText.ts";
import { shortened } from "../visibleText.ts";
import { shareText } from "./shareText.ts";
import type { RunFacts } from "./stat.ts";
import { sumOf, type Count } from "./TopicCounts.ts";

const NAME_WIDTH = 14;
/** The columns of {@link topicRows}. */
export const TOPIC_COLUMNS: readonly Column[] = [
  { name: "topic" },
  { name: "type" },
  { name: "entries", align: "right" },
  { name: "share", align: "right" },
  { name: "payload", align: "right" },
  { name: "per entry", align: "right" },
];
const BATCHES: readonly Column[] = [
  { name: "batch size", align: "right" },
  { name: "batches", align: "right" },
  { name: "share", align: "right" },
];
const KINDS: readonly Column[] = [{ name: "index kind" }, { name: "mentions", align: "right" }];

/** The numbers of a run as text: what it is, then its topics, batches and index keys. */
export async function statText(
  facts: RunFacts,
  top: number,
  context: CommandContext,
): Promise<string> {
  const { bold } = await colouringOf(context);
  const { columns } = context.stdout;
  const lines = summaryOf(facts).map(([name, value]) => {
    const label = shortened(name, columns).padEnd(Math.min(NAME_WIDTH, columns));
    return `${bold(label)}${shortened(value, columns - label.length)}\n`;
  });
  const tables = [
    [TOPIC_COLUMNS, topicRows(facts, top)],
    [BATCHES, batchRows(facts)],
    [KINDS, facts.indexKinds.map(({ kind, mentions }) => [kind, String(mentions)])],
  ] as const;
  const parts = [lines.join("")];
  for (const [heads, rows] of tables) {
    if (rows.length > 0) parts.push(await tableOf(heads, rows, context));
  }
  return parts.join("\n");
}

/** What a run is, by name and value. */
export function summaryOf(facts: RunFacts): readonly (readonly [string, string])[] {
  const { manifest, entries, batches, payloadBytes, storedBytes } = facts;
  const perEntry = (bytes: number): string => `${Math.round(bytes / Math.max(1, entries))} B`;
  return [
    ["run", manifest.runId],
    ["instance", manifest.instanceId],
    ["status", manifest.status],
    ["entries", String(entries)],
    ["batches", `${batches}, ${round(entries / Math.max(1, batches))} entries in each on average`],
    ["payload", `${sizeText(payloadBytes)}, ${perEntry(payloadBytes)} per entry`],
    ["stored", `${sizeText(storedBytes)}, ${perEntry(storedBytes)} per entry`],
    ["published", spanText(facts.firstTsPublish, facts.lastTsPublish)],
    ["tsInit", spanText(facts.minTsInit, facts.maxTsInit)],
  ];
}

/** Batches by their size, those sizes left out that none has. */
function batchRows({ batchSizes, batches }: RunFacts): string[][] {
  return batchSizes
    .filter((size) => size.batches > 0)
    .map((size) => [
      batchSizeText(size.fromEntries, size.toEntries),
      String(size.batches),
      shareText(size.batches, batches),
    ]);
}

/** The sizes that are counted together. */
export function batchSizeText(fromEntries: number, toEntries: number): string {
  return fromEntries === toEntries ? String(toEntries) : `${fromEntries}-${toEntries}`;
}

/** The topics and types with the most entries by name, all others as one row. */
export function topicRows({ pairs, others, entries }: RunFacts, top: number): string[][] {
  const rest = pairs.slice(top);
  const unnamed = sumOf([...rest, others]);
  const rows = pairs
    .slice(0, top)
    .map((pair) => [pair.topic, pair.payloadType].concat(cellsOf(pair, entries)));
  if (unnamed.entries === 0) return rows;
  // How many are not told apart nobody knows.
  const label = others.entries > 0 ? "others" : `${rest.length} others`;
  return [...rows, [label, "", ...cellsOf(unnamed, entries)]];
}

function cellsOf({ entries, payloadBytes }: Count, all: number): string[] {
  return [
    String(entries),
    shareText(entries, all),
    sizeText(payloadBytes),
    `${Math.round(payloadBytes / Math.max(1, entries))} B`,
  ];
}

function spanText(from: bigint | undefined, to: bigint | undefined): string {
  if (from === undefined || to === undefined) return "-";
  return `${timeText(from)} to ${timeText(to)}, ${durationText(to - from)}`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
