import type { Facts } from "../Facts.ts";
import type { Must, Seen, SeenOf, Sight } from "../History.ts";

/** What must hold when something of a kind is seen, by what was known before it. */
export type Promises = {
  readonly [Kind in Sight["kind"]]?: (now: SeenOf<Kind>, facts: Facts, must: Must) => void;
};

/** Judges one thing that was seen by those promises that are about its kind. */
export function judgeBy(promises: Promises, now: Seen, facts: Facts, must: Must): void {
  const judge = promises[now.kind] as ((now: Seen, facts: Facts, must: Must) => void) | undefined;
  judge?.(now, facts, must);
}
