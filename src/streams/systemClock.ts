import type { SchedulerLike } from "rxjs";
import type { Clock } from "../model/Clock.ts";

const NS_PER_MS = 1_000_000;

/** What the monotonic clock, which counts from nowhere, lacks to the time since 1970. */
const OFFSET_NS =
  nanosecondsOf(performance.timeOrigin + performance.now()) - process.hrtime.bigint();

/**
 * The time of the machine: the wall clock when the process (or worker) started, plus the monotonic
 * time since. It never runs backwards, steps with no correction of the wall clock, and resolves
 * nanoseconds.
 */
export const systemClock: Clock = {
  now: () => OFFSET_NS + process.hrtime.bigint(),
};

/** A scheduler's time as a clock: what makes timestamps virtual where everything else is. */
export function schedulerClock(scheduler: SchedulerLike): Clock {
  return { now: () => nanosecondsOf(scheduler.now()) };
}

/** Exact for whole milliseconds, which a product in floating point would round to some 256 ns. */
function nanosecondsOf(ms: number): bigint {
  const wholeMs = Math.floor(ms);
  return BigInt(wholeMs) * BigInt(NS_PER_MS) + BigInt(Math.round((ms - wholeMs) * NS_PER_MS));
}
