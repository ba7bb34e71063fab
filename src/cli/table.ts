import { colouringOf } from "./colours.ts";
import type { CommandContext } from "./CommandContext.ts";
import { shortened, visible, widthOf, wrapped } from "./visibleText.ts";

/** One column of a table. */
export interface Column {
  readonly name: string;
  /** Numbers are easier to compare at the right. */
  readonly align?: "right";
}

const GAP = "  ";
/** With less room a value is cut off: as a column of single letters nobody could read it. */
const MIN_VALUE_COLUMNS = 4;
const NO_BORDERS = Object.fromEntries(
  [
    "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right",
    "left left-mid mid mid-mid right right-mid",
  ]
    .join(" ")
    .split(" ")
    .map((name) => [name, ""]),
);

/**
 * Rows as text that fits the terminal: a table, or where it would be too wide, one line per field.
 * What is invisible in a cell is escaped.
 */
export async function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  context: CommandContext,
): Promise<string> {
  const { stdout } = context;
  const { default: Table } = await import("cli-table3");
  const { bold } = await colouringOf(context);
  const cells = rows.map((row) => row.map(visible));
  const names = columns.map(({ name }) => name);
  if (tableWidth(names, cells) > stdout.columns) return fieldsOf(names, cells, stdout.columns);
  const table = new Table({
    head: names.map((name) => bold(name)),
    chars: { ...NO_BORDERS, middle: GAP },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: columns.map(({ align }) => align ?? "left"),
  });
  table.push(...cells);
  return `${table.toString().replaceAll(/ +$/gm, "")}\n`;
}

function tableWidth(names: readonly string[], rows: readonly (readonly string[])[]): number {
  let width = GAP.length * (names.length - 1);
  for (const [position, name] of names.entries()) {
    width += Math.max(name.length, ...rows.map((row) => widthOf(row[position] ?? "")));
  }
  return width;
}

function fieldsOf(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const nameWidth = Math.max(...names.map((name) => name.length));
  const blocks = rows.map((row) =>
    row
      .flatMap((cell, position) =>
        fieldOf((names[position] ?? "").padEnd(nameWidth), cell, columns),
      )
      .map((line) => `${line}\n`)
      .join(""),
  );
  return blocks.join("\n");
}

/** What tells ids apart is at their ends: a value that does not fit goes on in the next line. */
function fieldOf(name: string, cell: string, columns: number): string[] {
  const room = columns - name.length - GAP.length;
  if (room < MIN_VALUE_COLUMNS) return [shortened(`${name}${GAP}${cell}`, columns)];
  return wrapped(cell, room).map((line, position) => {
    return `${position === 0 ? name : " ".repeat(name.length)}${GAP}${line}`;
  });
}
