import type { Outcome } from "../Attack.ts";

/** Counts what happens and keeps every breach, with its case. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #breaches: string[] = [];
  cases = 0;

  add(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by);
  }

  breach(caseNumber: number, what: string): void {
    this.#breaches.push(`case ${caseNumber}: ${what}`);
  }

  get breaches(): readonly string[] {
    return this.#breaches;
  }

  get outcome(): Outcome {
    const counts = Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return { cases: this.cases, counts, breaches: this.#breaches };
  }
}
