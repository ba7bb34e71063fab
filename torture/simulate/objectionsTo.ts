import { Facts } from "./Facts.ts";
import type { History } from "./History.ts";
import { BOUNDS, judgeInstant } from "./promises/bounds.ts";
import { FAIL_STOP, judgeAfterEnd, judgeOutcome } from "./promises/failStop.ts";
import { judgeHearing } from "./promises/hearing.ts";
import { judgeProperties, ORDER } from "./promises/order.ts";
import { judgeBy } from "./promises/Promises.ts";
import { judgeWaits } from "./promises/waits.ts";

/**
 * Where what was seen of a writer breaks a promise; nothing is what we want. The model knows nothing
 * of how a writer works: it keeps books of what goes in and comes out (Facts.ts), and each file in
 * promises/ says what must hold of them.
 */
export function objectionsTo({ options, seen }: History): readonly string[] {
  const objections: string[] = [];
  const must = (holds: boolean, promise: string, at?: number): void => {
    if (!holds) objections.push(at === undefined ? promise : `at ${at} ms: ${promise}`);
  };
  const facts = new Facts(options);
  for (const now of seen) {
    const mustNow = (holds: boolean, promise: string): void => must(holds, promise, now.at);
    if (now.at > facts.at) judgeInstant(facts, mustNow);
    judgeProperties(now, facts, mustNow);
    judgeAfterEnd(now, facts, mustNow);
    judgeWaits(now, facts, mustNow);
    for (const promises of [ORDER, FAIL_STOP, BOUNDS]) judgeBy(promises, now, facts, mustNow);
    facts.note(now);
  }
  judgeOutcome(facts, must);
  judgeHearing(seen, { facts, must });
  return objections;
}
