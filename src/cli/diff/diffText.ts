import type { Entry } from "../../index.ts";
import { colouringOf } from "../colours.ts";
import type { CommandContext } from "../CommandContext.ts";
import { payloadLines } from "../payloadLines.ts";
import { shortened, visible } from "../visibleText.ts";
import type { Comparison, Difference } from "./firstDifference.ts";

/** Lines of a payload that are shown, from a little before the first that differs. */
const SHOWN_LINES = 12;
const LINES_BEFORE = 3;
/** Lines that are looked at to find the first that differs. */
const MAX_LINES = 100_000;
/** A payload on one line is shown from a little before its first difference. */
const CHARACTERS_BEFORE = 20;
const MAX_CHARACTERS = 400;

/** Where two runs part, both sides to be read. */
export async function diffText(
  { same, difference }: Comparison,
  context: CommandContext,
): Promise<string> {
  const { columns } = context.stdout;
  if (difference === undefined) return `${shortened(`equal: ${same} entries`, columns)}\n`;
  const { bold, red, green } = await colouringOf(context);
  const { a, b } = difference;
  const [linesA, linesB] = excerptsOf(a, b);
  const fitted = (line: string): string => shortened(line, columns);
  return [
    bold(fitted(headOf(difference))),
    ...sideOf("-", a, linesA).map((line) => red(fitted(line))),
    ...sideOf("+", b, linesB).map((line) => green(fitted(line))),
    "",
  ].join("\n");
}

function headOf({ position, a, b, parts }: Difference): string {
  if (a === undefined) return `the first run ends before entry ${position} of the callers`;
  if (b === undefined) return `the second run ends before entry ${position} of the callers`;
  return `entry ${position} of the callers differs in ${parts.join(", ")}`;
}

function sideOf(sign: string, entry: Entry | undefined, lines: readonly string[]): string[] {
  if (entry === undefined) return [`${sign} (no entry)`];
  const { seq, topic, payloadType } = entry;
  const head = `${sign} ${seq}  ${visible(topic)}  ${visible(payloadType)}`;
  return [head, ...lines.map((line) => `${sign}   ${line}`)];
}

/** The lines of both payloads around the first that differs. */
function excerptsOf(
  a: Entry | undefined,
  b: Entry | undefined,
): readonly [readonly string[], readonly string[]] {
  const [linesA, linesB] = [linesOf(a), linesOf(b)];
  const first = a === undefined || b === undefined ? 0 : firstUnequal(linesA, linesB);
  const from = Math.max(0, first - LINES_BEFORE);
  const differsAt = firstUnequal(linesA[first] ?? "", linesB[first] ?? "");
  const excerpt = (lines: readonly string[]): string[] => [
    ...(from > 0 && lines.length > 0 ? ["…"] : []),
    ...lines.slice(from, from + SHOWN_LINES).map((line) => around(line, differsAt)),
    ...(lines.length > from + SHOWN_LINES ? ["…"] : []),
  ];
  return [excerpt(linesA), excerpt(linesB)];
}

function linesOf(entry: Entry | undefined): readonly string[] {
  if (entry === undefined) return [];
  const lines: string[] = [];
  for (const block of payloadLines(entry.payload)) {
    lines.push(...block.split("\n", MAX_LINES));
    if (lines.length >= MAX_LINES) break;
  }
  return lines;
}

/** Where two lists, or two texts, first have something else; their common length if nowhere. */
function firstUnequal(a: ArrayLike<string>, b: ArrayLike<string>): number {
  const common = Math.min(a.length, b.length);
  let at = 0;
  while (at < common && a[at] === b[at]) at += 1;
  return at;
}

function around(line: string, differsAt: number): string {
  if (line.length <= MAX_CHARACTERS) return line;
  const from = Math.max(0, Math.min(differsAt, line.length) - CHARACTERS_BEFORE);
  const shown = line.slice(from, from + MAX_CHARACTERS);
  return `${from > 0 ? "…" : ""}${shown}${from + MAX_CHARACTERS < line.length ? "…" : ""}`;
}
