import { textOf } from "../entryJson.ts";
import { hexDump } from "../hexDump.ts";
import { payloadLines } from "../payloadLines.ts";
import { visible, widthOf } from "../visibleText.ts";

/** Lines of a payload that are shown, from a little before the first that differs. */
const SHOWN_LINES = 12;
const LINES_BEFORE = 3;
/** Lines that are looked at to find the first that differs. */
const MAX_LINES = 100_000;
/** A line that differs past the columns is shown from a little before its first difference. */
const CHARACTERS_BEFORE = 20;
/** Of the line, what stands before the difference takes one part of so many. */
const BEFORE_PART = 4;
const MAX_CHARACTERS = 400;
/** What the first character that differs takes at most, and the … after it. */
const DIFFERENCE_COLUMNS = 3;
/** Bytes of a line in hex. */
const HEX_BYTES = 16;

type Sides = readonly [readonly string[], readonly string[]];

/**
 * The lines of two payloads around the first that differs, in the first form in which one does: to
 * be read by people, as the text that it is, in hex. A side that is absent has no lines.
 */
export function payloadExcerpts(
  a: Uint8Array | undefined,
  b: Uint8Array | undefined,
  columns: number,
): Sides {
  const sides: Sides = [readableLines(a), readableLines(b)];
  if (a === undefined || b === undefined || Buffer.compare(a, b) === 0) {
    return excerptsOf(sides, 0, columns);
  }
  for (const form of [() => sides, () => [textLines(a), textLines(b)] as const]) {
    const lines = form();
    const first = firstUnequal(...lines);
    if (first < Math.max(lines[0].length, lines[1].length)) {
      return excerptsOf(lines, first, columns);
    }
  }
  const [hex, first] = hexSides(a, b);
  return excerptsOf(hex, first, columns);
}

function readableLines(payload: Uint8Array | undefined): readonly string[] {
  if (payload === undefined) return [];
  const lines: string[] = [];
  for (const block of payloadLines(payload)) {
    // A tab is written as one: it would look like spaces, and take as many columns as it likes.
    for (const line of block.split("\n", MAX_LINES)) lines.push(visible(line));
    if (lines.length >= MAX_LINES) break;
  }
  return lines.slice(0, MAX_LINES);
}

function textLines(payload: Uint8Array): readonly string[] {
  return textOf(payload)?.split("\n", MAX_LINES).map(visible) ?? [];
}

/** The bytes around the first that differs, and in which of these lines it is. */
function hexSides(a: Uint8Array, b: Uint8Array): readonly [Sides, number] {
  const from = Math.max(0, firstUnequal(a, b) - HEX_BYTES * LINES_BEFORE);
  // As many bytes as there are lines for, however many follow.
  const end = from + HEX_BYTES * SHOWN_LINES;
  const linesOf = (bytes: Uint8Array): string[] => [...hexDump(bytes.subarray(0, end), from)];
  const sides: Sides = [linesOf(a), linesOf(b)];
  return [sides, firstUnequal(...sides)];
}

function excerptsOf(sides: Sides, first: number, columns: number): Sides {
  const [a, b] = sides;
  const from = Math.max(0, first - LINES_BEFORE);
  const [lineA = "", lineB = ""] = [a[first], b[first]];
  const room = Math.min(columns, MAX_CHARACTERS);
  const start = startOf(lineA, firstUnequal(lineA, lineB), room);
  const excerpt = (lines: readonly string[]): string[] => [
    ...(from > 0 && lines.length > 0 ? ["…"] : []),
    ...lines
      .slice(from, from + SHOWN_LINES)
      .map((line, at) => cut(line, from + at === first ? start : 0)),
    ...(lines.length > from + SHOWN_LINES ? ["…"] : []),
  ];
  return [excerpt(a), excerpt(b)];
}

/** Where two lists, texts or byte strings first differ; their common length if nowhere. */
function firstUnequal(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  const common = Math.min(a.length, b.length);
  let at = 0;
  while (at < common && a[at] === b[at]) at += 1;
  return at;
}

/** From which character on a line is shown, so that its first difference is within the room. */
function startOf(line: string, differsAt: number, room: number): number {
  const before = line.slice(0, differsAt);
  if (widthOf(before) + DIFFERENCE_COLUMNS <= room) return 0;
  const start = differsAt - Math.min(CHARACTERS_BEFORE, Math.floor(room / BEFORE_PART));
  // Not between the halves of a character.
  return /^[\uDC00-\uDFFF]/.test(line.slice(start)) ? start - 1 : start;
}

function cut(line: string, start: number): string {
  const end = start + MAX_CHARACTERS;
  return `${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}
