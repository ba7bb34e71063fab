import type { WriterOptions } from "../../src/model/options.ts";
import type { Fault, FaultKind } from "../../src/testing/Fault.ts";
import type { Random } from "../support/Random.ts";
import { PROMPT, type Act, type Plan, type Script, type Step } from "./Script.ts";
import type { StreamName, Verb } from "./Script.ts";

const VERBS: readonly Verb[] = ["offer", "offer", "submit", "append", "append$", "next"];
const STREAMS: readonly StreamName[] = ["watermark$", "halt$", "commits$", "pressure$"];
const FAULT_KINDS: readonly FaultKind[] = ["disk", "corrupted", "error", "fenced"];
const MAX_BURST = 250;
const MAX_GATES = 3;

/** The script that the dice throw: another case, another writer and another life of it. */
export function scriptOf(dice: Random): Script {
  const writer = writerOf(dice);
  const pace: Pace = {
    usualMs: dice.pick([0, 0, 2, 10, 60, writer.haltThresholdMs]),
    slowestMs: writer.commitTimeoutMs + 20,
  };
  const isFaulty = dice.chance(0.25);
  const script: Script = {
    writer,
    isRun: dice.chance(0.6),
    clock: dice.chance(0.5) ? "steady" : "jumping",
    hasScheduler: dice.chance(0.6),
    ...(isFaulty ? { faulty: faultyOf(dice, pace.usualMs) } : {}),
    plans: isFaulty ? [] : plansOf(dice, pace),
    ends: {
      seal: isFaulty ? PROMPT : planOf(dice, pace, dice.chance(0.15)),
      close: isFaulty ? PROMPT : planOf(dice, pace, dice.chance(0.15)),
    },
    steps: stepsOf(dice, writer),
    ending: dice.chance(0.6) ? "close" : "abandon",
  };
  if (!dice.chance(0.6)) return script;
  const max = dice.between(1, 60);
  return { ...script, ahead: { max, large: dice.between(1, max) } };
}

interface Pace {
  /** What a commit takes at most, mostly and ever. */
  readonly usualMs: number;
  readonly slowestMs: number;
}

type Limits = Pick<WriterOptions, "queueCapacity" | "haltThresholdMs" | "commitTimeoutMs"> &
  Partial<WriterOptions>;

function writerOf(dice: Random): Limits {
  const queueCapacity = dice.pick([1, 2, dice.between(3, 20), dice.between(20, 200), 200]);
  const maxPayloadBytes = 1_000;
  return {
    queueCapacity,
    haltThresholdMs: dice.pick([1, dice.between(2, 40), dice.between(40, 400), 600]),
    commitTimeoutMs: dice.pick([dice.between(1, 60), dice.between(60, 1_500), 1_500, 5_000]),
    maxBatchEntries: dice.pick([1, 2, dice.between(2, 20), 100]),
    maxBatchWaitMs: dice.pick([0, 1, 5, dice.between(5, 60)]),
    flushWhenIdle: dice.chance(0.6),
    maxPayloadBytes,
    ...(dice.chance(0.3)
      ? { queueBytes: maxPayloadBytes + dice.pick([0, dice.below(20_000)]) }
      : {}),
    ...(dice.chance(0.3) ? { maxWaiting: dice.pick([0, 1, dice.between(2, 60), 300]) } : {}),
    ...(dice.chance(0.2) ? { maxWaitingBytes: dice.pick([0, dice.between(1, 8_000)]) } : {}),
    ...(dice.chance(0.3) ? { maxBatchBytes: dice.between(1, 4_000) } : {}),
  };
}

function faultyOf(dice: Random, usualMs: number): NonNullable<Script["faulty"]> {
  const faults: Fault[] = [];
  while (dice.chance(0.5)) {
    const harm = dice.pick<"fail" | "stall" | "hang">(["fail", "stall", "hang"]);
    const isCommit = dice.chance(0.7);
    const where = isCommit
      ? { at: dice.between(1, 120) }
      : { on: dice.pick(["anchor", "seal"] as const) };
    if (harm === "stall") faults.push({ ...where, stallMs: dice.between(0, 300) });
    else if (harm === "hang") faults.push({ ...where, never: true });
    else faults.push({ ...where, fail: dice.pick(["disk", "corrupted", "error"] as const) });
  }
  return { commitMs: dice.between(0, usualMs), faults };
}

/** Mostly at the pace of the disk, now and then too slow; and what goes wrong, where it must. */
function planOf(dice: Random, { usualMs, slowestMs }: Pace, isTrouble: boolean): Plan {
  return {
    landsAfterMs: dice.between(0, dice.chance(0.03) ? slowestMs : usualMs),
    answersAfterMs: dice.chance(0.2) ? dice.between(0, usualMs) : 0,
    outcome: isTrouble ? troubleOf(dice) : "done",
  };
}

function plansOf(dice: Random, pace: Pace): readonly Plan[] {
  const troubleAt = dice.chance(0.4) ? dice.between(0, 12) : -1;
  return Array.from({ length: 40 }, (_, step) =>
    planOf(dice, pace, step === troubleAt || dice.chance(0.004)),
  );
}

function troubleOf(dice: Random): Plan["outcome"] {
  return dice.pick<Plan["outcome"]>([
    ...FAULT_KINDS.map((fail) => ({ fail })),
    { fail: "throw" },
    { fail: "no answer" },
    { landsAndFails: dice.pick(FAULT_KINDS) },
    "wrong ack",
    "landed, no word",
    "nothing at all",
  ]);
}

function stepsOf(dice: Random, limits: Limits): readonly Step[] {
  const steps: Step[] = [];
  const count = dice.between(2, 30);
  const stride = dice.pick([0, 1, 5, 40, limits.haltThresholdMs]);
  // Eighths of a millisecond: those who arrive almost together share a timer. Exact in floating point.
  const parts = dice.pick([1, 8]);
  let at = 0;
  for (let n = 0; n < count; n += 1) {
    if (dice.chance(0.6)) at += dice.between(0, stride * parts) / parts;
    steps.push({ at, ...stepOf(dice, limits) });
  }
  return steps;
}

type Unscheduled = Step extends infer Each
  ? Each extends unknown
    ? Omit<Each, "at">
    : never
  : never;

function stepOf(dice: Random, limits: Limits): Unscheduled {
  if (dice.chance(0.12)) {
    return {
      do: "react",
      to: dice.pick(STREAMS),
      nth: dice.pick([0, 1, 1, 2, dice.between(2, 10)]),
      acts: actsOf(dice, limits),
    };
  }
  if (dice.chance(0.1)) {
    return {
      do: "open gate",
      operator: dice.chance(0.7) ? "record" : "capture",
      skipsEvery: dice.pick([0, 0, 2, 5]),
      throwsAt: dice.chance(0.15) ? dice.between(1, 30) : 0,
      acts: dice.chance(0.3) ? actsOf(dice, limits) : [],
    };
  }
  return actOf(dice, limits);
}

function actsOf(dice: Random, limits: Limits): readonly Act[] {
  return Array.from({ length: dice.between(1, 2) }, () =>
    dice.chance(0.25) ? { do: "throw" } : actOf(dice, limits),
  );
}

function actOf(dice: Random, limits: Limits): Act {
  const roll = dice.next();
  const count = burstOf(dice, limits);
  const bytes = dice.pick([0, 10, dice.between(0, 300), 980]);
  if (roll < 0.52) {
    return { do: "hand in", verb: dice.pick(VERBS), count, bytes, isValid: dice.chance(0.95) };
  }
  const gate = dice.below(MAX_GATES);
  if (roll < 0.7) return { do: "push", gate, count, bytes };
  if (roll < 0.73)
    return { do: "end gate", gate, by: dice.pick(["complete", "error", "unsubscribe"]) };
  if (roll < 0.75) return { do: "unsubscribe", reactor: dice.below(MAX_GATES) };
  if (roll < 0.88) return { do: "anchor" };
  if (roll < 0.915) return { do: "close" };
  if (roll < 0.935) return { do: "abandon" };
  return { do: roll < 0.96 ? "look" : "read" };
}

/** Mostly a few; now and then more than the queue takes. */
function burstOf(dice: Random, { queueCapacity }: Limits): number {
  const burst = dice.pick([1, 1, dice.between(1, 8), queueCapacity, queueCapacity * 2 + 3]);
  return Math.min(burst, MAX_BURST);
}
