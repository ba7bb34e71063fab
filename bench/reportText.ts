import type { Benchmark, Figure, Report } from "./Benchmark.ts";
import type { Machine } from "./machine.ts";

const WHAT_WIDTH = 56;
const VALUE_WIDTH = 10;
const UNIT_WIDTH = 10;

/** The machine in two lines. */
export function machineText(machine: Machine): string {
  const { cpu, cores, memoryGiB, kernel, filesystem, node, rxjs, lmdb, revision, loadAverage } =
    machine;
  return (
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, ${filesystem}\n` +
    `Node ${node}, rxjs ${rxjs}, lmdb ${lmdb}, revision ${revision}, load ${loadAverage}\n`
  );
}

/** A report, ratios first; every value is the median of the rounds with the smallest and largest. */
export function reportText({ name, question }: Benchmark, report: Report): string {
  const lines = [...report.ratios, ...report.figures].map(figureText);
  const notes = (report.notes ?? []).map((note) => `  ${note}`);
  return `\n${name}: ${question}\n${[...lines, ...notes].join("\n")}\n`;
}

function figureText({ what, unit, median, min, max, reach }: Figure): string {
  const value = `${numberText(median).padStart(VALUE_WIDTH)} ${unit.padEnd(UNIT_WIDTH)}`;
  const spread = min === max ? "" : `(${numberText(min)} .. ${numberText(max)})`;
  const wanted = reach === undefined ? "" : `   [reach ${reach}]`;
  return `  ${what.padEnd(WHAT_WIDTH)}${value} ${spread}${wanted}`.trimEnd();
}

/** Three digits that count, or all before the point; JSON makes null of what is not a number. */
function numberText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "none";
  const digits = Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9))) + 1;
  return value.toFixed(Number.isInteger(value) ? 0 : Math.max(0, 3 - Math.max(digits, 1)));
}
