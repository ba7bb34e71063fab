import type { Finding } from "./Finding.ts";

/** A run that is nothing but damage has a finding for each entry; what is found last is told as well. */
const MAX_REPORTED_OF_A_KIND = 10_000;

/** What is wrong with a run, as its report holds it. */
export class FindingList {
  readonly #findings: Finding[] = [];
  readonly #ofKind = new Map<Finding["kind"], number>();
  #count = 0;

  /** Returns whether there is room for the finding; counted it is in any case. */
  add(finding: Finding): boolean {
    const before = this.#ofKind.get(finding.kind) ?? 0;
    this.#ofKind.set(finding.kind, before + 1);
    this.#count += 1;
    if (before >= MAX_REPORTED_OF_A_KIND) return false;
    this.#findings.push(finding);
    return true;
  }

  /** So many there are, as another list of the same has counted that was given all of them. */
  raiseTo(count: number): void {
    this.#count = Math.max(this.#count, count);
  }

  get report(): { readonly findings: readonly Finding[]; readonly findingCount: number } {
    return { findings: this.#findings, findingCount: this.#count };
  }
}
