import { inspect } from "node:util";
import type { Seen } from "./History.ts";
import type { Act, Plan, Script, Step } from "./Script.ts";

/** A script as steps that a person can follow, one a line. */
export function linesOf(script: Script): readonly string[] {
  const { isRun, writer, clock, hasScheduler, faulty, ahead, plans, ends, steps, ending } = script;
  const scheduler = hasScheduler ? "a scheduler given" : "the default scheduler";
  return [
    `a ${isRun ? "run" : "bare writer"} ${shown(writer)}, a ${clock} clock, ${scheduler}`,
    ...(faulty === undefined ? [] : [`a faulty backend ${shown(faulty)}`]),
    ...(ahead === undefined ? [] : [`a backend that takes appends ahead ${shown(ahead)}`]),
    ...plans.flatMap((plan, index) => planned(`commit or anchor ${index + 1}`, plan)),
    ...planned("the seal", ends.seal),
    ...planned("the close", ends.close),
    ...steps.map((step) => `at ${step.at} ms: ${stepped(step)}`),
    `at last: ${ending}`,
  ];
}

/** What was seen, one thing a line. */
export function lineOf({ at, accepted, watermark, kind, ...rest }: Seen): string {
  const what = Object.keys(rest).length === 0 ? kind : `${kind} ${shown(rest)}`;
  return `at ${at} ms, ${watermark} of ${accepted} durable: ${what}`;
}

function planned(step: string, { landsAfterMs, answersAfterMs, outcome }: Plan): string[] {
  if (landsAfterMs === 0 && answersAfterMs === 0 && outcome === "done") return [];
  const when = `lands after ${landsAfterMs} ms, answers ${answersAfterMs} ms later`;
  return [`${step} ${when}: ${shown(outcome)}`];
}

function stepped(step: Step): string {
  if (step.do === "react") {
    const when = step.nth === 0 ? "the end" : `value ${step.nth}`;
    return `a subscriber that at ${when} of ${step.to} will ${acted(step.acts)}`;
  }
  if (step.do !== "open gate") return acted([step]);
  const { operator, skipsEvery, throwsAt, acts } = step;
  return (
    `a gate of ${operator}` +
    (skipsEvery === 0 ? "" : `, every ${skipsEvery}. item unrecorded`) +
    (throwsAt === 0 ? "" : `, toDraft throws at item ${throwsAt}`) +
    (acts.length === 0 ? "" : `, at the second item through will ${acted(acts)}`)
  );
}

function acted(acts: readonly Act[]): string {
  return acts.map(act).join(", then ");
}

function act(given: Act): string {
  if (given.do === "hand in") {
    const { verb, count, bytes, isValid } = given;
    return `${verb} ${count} ${isValid ? "" : "invalid "}drafts of ${bytes} bytes`;
  }
  if (given.do === "push") {
    return `push ${given.count} items of ${given.bytes} bytes into gate ${given.gate}`;
  }
  if (given.do === "end gate") return `${given.by} gate ${given.gate}`;
  if (given.do === "unsubscribe") return `unsubscribe subscriber ${given.reactor}`;
  return given.do;
}

function shown(value: unknown): string {
  return inspect(value, { breakLength: Infinity, depth: 6, maxArrayLength: 12 });
}
