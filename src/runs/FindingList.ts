import type { Finding } from "./Finding.ts";

/** So many findings a report holds; a run that is nothing but damage has one for each entry. */
const MAX_REPORTED_FINDINGS = 10_000;

/** What is wrong with a run, as its report holds it. */
export class FindingList {
  readonly #findings: Finding[] = [];
  #count = 0;

  add(finding: Finding): void {
    this.#count += 1;
    if (this.#findings.length < MAX_REPORTED_FINDINGS) this.#findings.push(finding);
  }

  get report(): { readonly findings: readonly Finding[]; readonly findingCount: number } {
    return { findings: this.#findings, findingCount: this.#count };
  }
}
