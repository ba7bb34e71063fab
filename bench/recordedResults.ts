import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Report } from "./Benchmark.ts";
import type { Machine } from "./machine.ts";

/** What a benchmark found out, and where. */
export interface Result extends Report {
  readonly name: string;
  readonly rounds: number;
  readonly machine: Machine;
}

/** Where what is published lies: the results and the charts of them. */
export const PERFORMANCE_FOLDER: URL = new URL("../docs/performance/", import.meta.url);

const RESULTS_FILE = new URL("results.json", PERFORMANCE_FOLDER);

/** What was recorded, by the names of the benchmarks; nothing where nothing was. */
export function recordedResults(): readonly Result[] {
  let json: string;
  try {
    json = readFileSync(RESULTS_FILE, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return JSON.parse(json) as readonly Result[];
}

/** Records these beside what was recorded of others, and gives all of them. */
export function recordResults(fresh: readonly Result[]): readonly Result[] {
  const all = withFresh(recordedResults(), fresh);
  mkdirSync(PERFORMANCE_FOLDER, { recursive: true });
  writeFileSync(RESULTS_FILE, `${JSON.stringify(all, undefined, 2)}\n`);
  return all;
}

/** By name: the fresh result of a benchmark takes the place of its former one. */
export function withFresh(
  recorded: readonly Result[],
  fresh: readonly Result[],
): readonly Result[] {
  const names = new Set(fresh.map(({ name }) => name));
  const kept = recorded.filter(({ name }) => !names.has(name));
  return [...kept, ...fresh].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
