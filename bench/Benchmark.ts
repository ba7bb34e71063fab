import type { Spread } from "./harness.ts";
import type { Labels } from "./Labels.ts";

/** One number with its spread over the rounds. */
export interface Figure extends Spread {
  readonly what: string;
  readonly unit: string;
  /** What we want to reach; printed beside the value, never asserted. */
  readonly reach?: string;
  /** For those that are drawn. */
  readonly labels?: Labels;
}

/** What a benchmark found out. */
export interface Report {
  /** One side of a round divided by the other side of the same round: what a machine cannot fake. */
  readonly ratios: readonly Figure[];
  /** What this machine gave, in units. */
  readonly figures: readonly Figure[];
  readonly notes?: readonly string[];
}

/** What every benchmark is given. */
export interface Context {
  readonly rounds: number;
  /** A fresh empty folder on the disk that is measured; removed when the benchmark is over. */
  readonly folder: () => string;
  /** How many million entries a run that grows is looked at with. */
  readonly sizes: readonly number[];
}

/** One question and the program that answers it. */
export interface Benchmark {
  readonly name: string;
  readonly question: string;
  run(context: Context): Promise<Report>;
}
