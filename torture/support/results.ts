import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Outcome } from "../Attack.ts";

/** One outcome a line, appended by `--record` and committed. */
export const RESULTS_FILE = "torture/results.ndjson";

/** One slice of an attack, as it was recorded. */
export interface Result extends Outcome {
  readonly attack: string;
  readonly seed: number;
  readonly from: number;
  readonly date: string;
  readonly revision: string;
  readonly node: string;
}

export function recordOf(
  attack: string,
  { seed, from }: { readonly seed: number; readonly from: number },
  outcome: Outcome,
): Result {
  const revision = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
  return {
    attack,
    seed,
    from,
    ...outcome,
    date: new Date().toISOString().slice(0, 10),
    revision: revision.trim(),
    node: process.version,
  };
}

/** Everything that was recorded. */
export function readResults(): readonly Result[] {
  const lines = readFileSync(RESULTS_FILE, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Result);
}
