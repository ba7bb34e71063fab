/** So many are kept at most; with more time each covers twice as much of it. */
export const MAX_TIME_BUCKETS = 240;
const FIRST_WIDTH_NS = 1_000_000;

/** How many entries there were in each stretch of a run's time. */
export interface TimeBucketCounts {
  /** Where the first one begins, nanoseconds since the Unix epoch. */
  readonly startNs: bigint;
  readonly bucketMs: number;
  /** Entries in each, the last one included in which there is one. */
  readonly entries: readonly number[];
}

/**
 * Counts over time, without knowing beforehand how much time there is: {@link MAX_TIME_BUCKETS}
 * numbers, whatever is counted.
 */
export class TimeBuckets {
  readonly #counts = new Float64Array(MAX_TIME_BUCKETS);
  #startNs: bigint | undefined;
  #widthNs = FIRST_WIDTH_NS;
  #used = 0;

  /** One entry at a time; what lies before the first one counts with it. */
  add(ns: bigint): void {
    this.#startNs ??= ns;
    const sinceStart = Math.max(0, Number(ns - this.#startNs));
    while (sinceStart >= this.#widthNs * MAX_TIME_BUCKETS) this.#widen();
    const bucket = Math.floor(sinceStart / this.#widthNs);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#used = Math.max(this.#used, bucket + 1);
  }

  counts(): TimeBucketCounts {
    return {
      startNs: this.#startNs ?? 0n,
      bucketMs: this.#widthNs / FIRST_WIDTH_NS,
      entries: [...this.#counts.subarray(0, this.#used)],
    };
  }

  #widen(): void {
    const counts = this.#counts;
    for (let bucket = 0; bucket < MAX_TIME_BUCKETS / 2; bucket += 1) {
      counts[bucket] = (counts[2 * bucket] ?? 0) + (counts[2 * bucket + 1] ?? 0);
    }
    counts.fill(0, MAX_TIME_BUCKETS / 2);
    this.#widthNs *= 2;
    this.#used = Math.ceil(this.#used / 2);
  }
}
