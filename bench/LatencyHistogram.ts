import { build } from "hdr-histogram-js";
import type { Percentiles } from "./peers/jobs.ts";

const NS_PER_MS = 1e6;
const NS_PER_US = 1e3;

/** Latencies, counted in the steps of an HDR histogram: three digits of each. */
export class LatencyHistogram {
  readonly #ns = build({ lowestDiscernibleValue: 1, numberOfSignificantValueDigits: 3 });

  /** Counts entries that all took as long. */
  record(ms: number, entries: number): void {
    this.#ns.recordValueWithCount(Math.max(1, Math.round(ms * NS_PER_MS)), entries);
  }

  get entries(): number {
    return this.#ns.totalCount;
  }

  percentiles(): Percentiles {
    const us = (percent: number): number => this.#ns.getValueAtPercentile(percent) / NS_PER_US;
    return {
      p50Us: us(50),
      p90Us: us(90),
      p99Us: us(99),
      p999Us: us(99.9),
      maxUs: this.#ns.maxValue / NS_PER_US,
    };
  }
}
