import type { TimeBucketCounts } from "./TimeBuckets.ts";

const MS_PER_SECOND = 1000;

/** Entries per second in stretches of equal length, from the start of a run on; the last may be shorter. */
export interface Rate {
  readonly bucketMs: number;
  readonly perSecond: readonly number[];
}

/** The rate of a run, in no more stretches than there is room for. */
export function perSecondOf({ bucketMs, entries }: TimeBucketCounts, room: number): Rate {
  const together = Math.max(1, Math.ceil(entries.length / room));
  const perSecond: number[] = [];
  for (let start = 0; start < entries.length; start += together) {
    const stretch = entries.slice(start, start + together);
    const sum = stretch.reduce((all, one) => all + one, 0);
    // The last one may be shorter than the others.
    perSecond.push((sum * MS_PER_SECOND) / (bucketMs * stretch.length));
  }
  return { bucketMs: bucketMs * together, perSecond };
}
