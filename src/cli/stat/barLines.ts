import { shortened, visible, widthOf } from "../visibleText.ts";
import { shareText } from "./shareText.ts";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const FULL = "█";
const GAP = "  ";
/** A label takes no more than one part of so many of the line, if there is room for bars. */
const LABEL_PART = 3;
const MIN_COLUMNS_FOR_BARS = 30;
const SHARE_COLUMNS = "100.0 %".length;

/** A value and its name. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** Values as bars, each in a line no wider than `columns`: its name, its share, the bar. */
export function barLines(bars: readonly Bar[], columns: number): string[] {
  const sum = bars.reduce((all, { value }) => all + value, 0);
  const highest = Math.max(1, ...bars.map(({ value }) => value));
  const hasBars = columns >= MIN_COLUMNS_FOR_BARS;
  const labelRoom = hasBars
    ? Math.floor(columns / LABEL_PART)
    : columns - SHARE_COLUMNS - GAP.length;
  const cells = bars.map(({ label, value }) => ({
    label: shortened(visible(label), labelRoom),
    share: shareText(value, sum),
    part: value / highest,
  }));
  const labelWidth = Math.max(0, ...cells.map(({ label }) => widthOf(label)));
  const shareWidth = Math.max(0, ...cells.map(({ share }) => share.length));
  const room = columns - labelWidth - shareWidth - 2 * GAP.length;
  return cells.map(({ label, share, part }) => {
    const name = `${label}${" ".repeat(labelWidth - widthOf(label))}`;
    const head = `${name}${GAP}${share.padStart(shareWidth)}`;
    if (!hasBars) return shortened(head, columns);
    return `${head}${GAP}${barOf(part * room)}`.trimEnd();
  });
}

function barOf(width: number): string {
  const eighths = Math.ceil(width * EIGHTHS.length);
  const full = FULL.repeat(Math.floor(eighths / EIGHTHS.length));
  return `${full}${EIGHTHS[eighths % EIGHTHS.length] ?? ""}`;
}
