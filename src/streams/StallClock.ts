import { Subscription, type SchedulerLike } from "rxjs";
import { afterFairly } from "./afterFairly.ts";

/** Arrivals within this part of the threshold share a timer: at most so many run at a time. */
const TIMERS_PER_THRESHOLD = 256;

/** How a {@link StallClock} judges. */
export interface StallClockConfig {
  readonly thresholdMs: number;
  readonly scheduler: SchedulerLike;
  /** The mark of whoever has waited longest, if anyone waits. */
  readonly oldestMark: () => number | undefined;
  readonly onStall: () => void;
}

/**
 * Notices when the oldest in a first-come line has waited too long.
 *
 * Timers decide, not differences of clock readings: a clock that jumps stalls nobody. Everyone who
 * arrives gets a mark; each mark has a timer, shared by those who arrive almost together. When the
 * timer of a mark fires and the oldest in line carries that mark or an older one, the line stalls.
 * There is no timer while nobody waits.
 */
export class StallClock {
  readonly #config: StallClockConfig;
  readonly #spanMs: number;
  #timers = new Subscription();
  #mark = 0;
  #openedAt = Number.NEGATIVE_INFINITY;

  constructor(config: StallClockConfig) {
    this.#config = config;
    this.#spanMs = config.thresholdMs / TIMERS_PER_THRESHOLD;
  }

  /** The mark of someone who joins the line now. */
  markOfArrival(): number {
    const { scheduler, thresholdMs } = this.#config;
    const now = scheduler.now();
    const sinceOpened = now - this.#openedAt;
    if (sinceOpened < 0 || sinceOpened >= this.#spanMs) {
      this.#openedAt = now;
      this.#mark += 1;
      const mark = this.#mark;
      this.#timers.add(afterFairly(scheduler, thresholdMs, () => this.#judge(mark)));
    }
    return this.#mark;
  }

  /** Nobody waits any more. */
  reset(): void {
    this.#timers.unsubscribe();
    this.#timers = new Subscription();
    this.#openedAt = Number.NEGATIVE_INFINITY;
  }

  #judge(mark: number): void {
    const oldest = this.#config.oldestMark();
    if (oldest !== undefined && oldest <= mark) this.#config.onStall();
  }
}
