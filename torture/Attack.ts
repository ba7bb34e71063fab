import type { Random } from "./support/Random.ts";

/** What an attack is given. */
export interface Context {
  /**
   * The first case and how many. Case n has the same dice for the same seed, wherever a slice
   * begins; what real processes do at which moment differs from time to time. Only in `simulate`
   * is all of the case the same.
   */
  readonly from: number;
  readonly count: number;
  readonly seed: number;
  /** The dice of one case. */
  dice(caseNumber: number): Random;
  /** A fresh empty folder on the disk under attack; removed at the end. */
  folder(): string;
  /** Tells how far it is, on standard error. */
  progress(done: number): void;
}

/** What an attack found. */
export interface Outcome {
  /** Cases that were run. */
  readonly cases: number;
  /** What happened, by name: kills, acknowledged entries, halts by kind, … */
  readonly counts: Readonly<Record<string, number>>;
  /** Each breach of a promise: the case, and what was seen. Empty is what we want. */
  readonly breaches: readonly string[];
}

/** One way to attack the promises of docs/guarantees.md. */
export interface Attack {
  readonly name: string;
  /** What is done to the store, in one line. */
  readonly does: string;
  /** What one case is: a kill, an image, a seed. */
  readonly unit: string;
  /** Cases of the short form, which CI runs, and of the long one. */
  readonly short: number;
  readonly long: number;
  /** Why it cannot be run here, or undefined where it can. */
  missing?(): string | undefined;
  run(context: Context): Promise<Outcome>;
}
