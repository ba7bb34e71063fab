import { Subscription, type SchedulerLike } from "rxjs";
import { afterFairly } from "./afterFairly.ts";

/** Arrivals within this part of the threshold share a timer: at most so many run at a time. */
const TIMERS_PER_THRESHOLD = 256;

/** Someone who waits: the mark that was given on arrival, and the clock then. */
export interface Arrival {
  readonly mark: number;
  readonly arrivedAt: number;
}

/** How a {@link StallClock} judges. */
export interface StallClockConfig {
  readonly thresholdMs: number;
  readonly scheduler: SchedulerLike;
  /** Whoever has waited longest, if anyone waits. */
  readonly oldest: () => Arrival | undefined;
  readonly onStall: () => void;
}

/**
 * Notices when the oldest in a first-come line has waited too long.
 *
 * Timers decide, not differences of clock readings: a clock that jumps stalls nobody. Everyone who
 * arrives gets a mark; each mark has a timer, shared by those who arrive almost together. When the
 * timer of a mark fires and the oldest in line carries an older one, or the same and came first of
 * those who share it, the line stalls; one who came a little later gets that little more. There is
 * no timer while nobody waits.
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
  markOfArrival(now: number): number {
    const sinceOpened = now - this.#openedAt;
    if (sinceOpened < 0 || sinceOpened >= this.#spanMs) {
      this.#openedAt = now;
      this.#mark += 1;
      this.#judgeIn(this.#config.thresholdMs, { mark: this.#mark, arrivedAt: now });
    }
    return this.#mark;
  }

  /** Nobody waits any more. */
  reset(): void {
    this.#timers.unsubscribe();
    this.#timers = new Subscription();
    this.#openedAt = Number.NEGATIVE_INFINITY;
  }

  /** Judges when whoever arrived then has waited for the threshold. */
  #judgeIn(delayMs: number, due: Arrival): void {
    const { scheduler } = this.#config;
    this.#timers.add(afterFairly(scheduler, delayMs, () => this.#judge(due)));
  }

  #judge(due: Arrival): void {
    const { oldest, onStall } = this.#config;
    const waiting = oldest();
    if (waiting === undefined || waiting.mark > due.mark) return;
    const laterMs = waiting.arrivedAt - due.arrivedAt;
    if (waiting.mark === due.mark && laterMs > 0) this.#judgeIn(laterMs, waiting);
    else onStall();
  }
}
