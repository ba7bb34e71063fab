import { readFileSync, writeFileSync } from "node:fs";
import type { Spread } from "../harness.ts";
import type { Machine } from "../machine.ts";

/** What was measured once, and where: what later measurements are compared with. */
export interface RecordedRatios {
  readonly machine: Machine;
  /** By name; the median is what later ones are compared with. */
  readonly ratios: Readonly<Record<string, Spread>>;
}

const FILE = new URL("../recorded.json", import.meta.url);

/** @throws where there is no record that can be read. */
export function readRecordedRatios(): RecordedRatios {
  return JSON.parse(readFileSync(FILE, "utf8")) as RecordedRatios;
}

/** Replaces the record. */
export function writeRecordedRatios(recorded: RecordedRatios): void {
  writeFileSync(FILE, `${JSON.stringify(recorded, undefined, 2)}\n`);
}
