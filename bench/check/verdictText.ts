import { TOLERATED_SHARE, type Verdict } from "./judge.ts";

const NAME_WIDTH = 66;

/** One line: what became of a ratio, with what it was and what it is. */
export function verdictText({ name, recorded, measured, rounds, holds }: Verdict): string {
  const outcome = holds ? "holds " : "FALLEN";
  const start = `${outcome} ${name.padEnd(NAME_WIDTH)}`;
  if (recorded === undefined) return `${start} ${textOf(measured)}, nothing recorded: --update\n`;
  if (measured === undefined) return `${start} recorded ${textOf(recorded)}, not measured\n`;
  const limit = holds ? "" : `, below ${textOf(TOLERATED_SHARE * recorded)}`;
  return `${start} ${textOf(measured)}, recorded ${textOf(recorded)}${limit} (${rounds} rounds)\n`;
}

/** JSON knows no number that is none: it comes back as null. */
function textOf(ratio: number | null | undefined): string {
  return Number.isFinite(ratio) ? `${(ratio as number).toFixed(2)}x` : "none";
}
