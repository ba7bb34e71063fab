import { colouringOf, type Colouring } from "../colours.ts";
import type { CommandContext } from "../CommandContext.ts";
import { durationText } from "../durationText.ts";
import { shortened, visible } from "../visibleText.ts";
import type { ChainEnd } from "./causesOf.ts";
import { shownOf, type Consequence, type ShownEntry } from "./Consequences.ts";
import type { Why } from "./why.ts";

const BRANCH = "├─ ";
const LAST_BRANCH = "└─ ";
const TRUNK = "│  ";
const NO_TRUNK = "   ";
/** Branches take no more than one part of so many of the line: of the rest only the end is drawn. */
const BRANCHES_PART = 2;
/** Where there is no terminal. */
const MAX_BRANCH_COLUMNS = 3 * 64;

/** A line of the tree before it is made to fit. */
interface TreeLine {
  readonly branches: string;
  readonly entry: ShownEntry;
  readonly cause: ShownEntry | undefined;
}

/** Causes and consequences as one tree, the entry that was asked about marked in it. */
export async function whyText(why: Why, context: CommandContext): Promise<Iterable<string>> {
  const colouring = await colouringOf(context);
  return linesOf(why, { columns: context.stdout.columns, colouring });
}

interface How {
  readonly columns: number;
  readonly colouring: Colouring;
}

function* linesOf(why: Why, how: How): Generator<string> {
  const { entry, causes, consequences } = why;
  const { columns } = how;
  const { end } = causes;
  if (end.kind !== "root") yield shortened(endText(end), columns);
  for (const line of treeOf(chained(why), { prefix: "", own: "" }, undefined)) {
    yield lineText(line, line.entry.seq === entry.seq, how);
  }
  if (!consequences.isNameable) {
    yield shortened("nothing can name it as a cause: it has no id of its own", columns);
  }
  if (consequences.leftOut > 0) {
    yield shortened(`left out: ${consequences.leftOut} and what they led to`, columns);
  }
}

/** The whole tree: each cause has but the next one below it. */
function chained({ causes, consequences }: Why): Consequence {
  return causes.chain.reduceRight<Consequence>(
    (below, cause) => ({ entry: shownOf(cause), consequences: [below] }),
    consequences.root,
  );
}

type Told = Exclude<ChainEnd, { kind: "root" }>;
type TextOf<K> = (end: Extract<Told, { kind: K }>) => string;

/** Why the causes end where they do; of a root there is nothing to tell. */
const END_TEXTS: { readonly [K in Told["kind"]]: TextOf<K> } = {
  missing: ({ causationId }) => `its cause ${causationId} is not in this run`,
  cycle: ({ seq }) => `its cause is entry ${seq} again: a cycle`,
  "too-deep": ({ maxDepth }) => `more than ${maxDepth} causes: those further up are left out`,
};

function endText(end: Told): string {
  return (END_TEXTS[end.kind] as (end: Told) => string)(end);
}

function* treeOf(
  { entry, consequences }: Consequence,
  { prefix, own }: { readonly prefix: string; readonly own: string },
  cause: ShownEntry | undefined,
): Generator<TreeLine> {
  yield { branches: prefix + own, entry, cause };
  const below = own === "" ? prefix : prefix + (own === LAST_BRANCH ? NO_TRUNK : TRUNK);
  for (const [position, next] of consequences.entries()) {
    const isLast = position === consequences.length - 1;
    yield* treeOf(next, { prefix: below, own: isLast ? LAST_BRANCH : BRANCH }, entry);
  }
}

function lineText({ branches, entry, cause }: TreeLine, isAsked: boolean, how: How): string {
  const { columns, colouring } = how;
  const { bold, cyan, dim } = colouring;
  const drawn = fitted(branches, columns);
  const time = cause === undefined ? "" : `  ${after(entry.tsInit - cause.tsInit)}`;
  const mark = isAsked ? "  ◀" : "";
  const [seq, topic, type] = [entry.seq, visible(entry.topic), visible(entry.payloadType)];
  const room = columns - drawn.length;
  const text = `${seq}  ${topic}  ${type}${time}${mark}`;
  const short = shortened(text, room);
  if (short !== text) return `${dim(drawn)}${isAsked ? bold(short) : short}`;
  const shown = `${seq}  ${cyan(topic)}  ${type}${dim(time)}`;
  return `${dim(drawn)}${isAsked ? bold(shown) : shown}${mark}`;
}

function after(ns: bigint): string {
  return ns < 0n ? durationText(ns) : `+${durationText(ns)}`;
}

function fitted(branches: string, columns: number): string {
  const room = Math.min(MAX_BRANCH_COLUMNS, Math.floor(columns / BRANCHES_PART));
  return branches.length <= room ? branches : `…${branches.slice(1 - room)}`;
}
