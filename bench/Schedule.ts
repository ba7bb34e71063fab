import { LatencyHistogram } from "./LatencyHistogram.ts";

/** Entries up to `toSeq` became durable at a moment of `performance.now()`. */
export interface Moment {
  readonly toSeq: number;
  readonly at: number;
}

/** How fast entries come, and which of them count. */
export interface ScheduleConfig {
  /** A multiple of 1,000: a burst at each millisecond. */
  readonly perSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/**
 * When each entry is due, decided before the first one comes: a latency counts from there and not
 * from when the entry was handed in, so that whatever holds its source up hides nothing by it (the
 * correction for coordinated omission).
 */
export class Schedule {
  readonly perBurst: number;
  readonly bursts: number;
  readonly entries: number;
  readonly #startAt: number;
  readonly #before: number;
  readonly #firstCounted: number;

  /** @param before - The seq of the last entry that is there already. */
  constructor(config: ScheduleConfig, startAt: number, before: number) {
    this.perBurst = config.perSecond / 1000;
    this.bursts = config.warmUpMs + config.measureMs;
    this.entries = this.bursts * this.perBurst;
    this.#startAt = startAt;
    this.#before = before;
    this.#firstCounted = before + config.warmUpMs * this.perBurst + 1;
  }

  /** How many entries are due at a moment. */
  dueBy(now: number): number {
    const bursts = Math.max(0, Math.floor(now - this.#startAt) + 1);
    return Math.min(this.bursts, bursts) * this.perBurst;
  }

  /**
   * Counts how long the entries after one seq, up to another, took from when they were due; whatever
   * is not of the schedule, such as the last entry of a run, is not counted.
   */
  record(histogram: LatencyHistogram, afterSeq: number, { toSeq, at }: Moment): void {
    const last = Math.min(toSeq, this.#before + this.entries);
    let seq = Math.max(afterSeq + 1, this.#firstCounted);
    while (seq <= last) {
      const burst = Math.floor((seq - this.#before - 1) / this.perBurst);
      const next = this.#before + (burst + 1) * this.perBurst + 1;
      const end = Math.min(next, last + 1);
      histogram.record(at - (this.#startAt + burst), end - seq);
      seq = end;
    }
  }

  /** The same for moments that were taken elsewhere. */
  histogramOf(moments: readonly Moment[]): LatencyHistogram {
    const histogram = new LatencyHistogram();
    let durable = this.#before;
    for (const moment of moments) {
      this.record(histogram, durable, moment);
      durable = Math.max(durable, moment.toSeq);
    }
    return histogram;
  }
}
