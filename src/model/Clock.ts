import { InvalidConfigError } from "./errors.ts";

/** Where timestamps come from. */
export interface Clock {
  /** Nanoseconds since the Unix epoch, 0 to 2^64 - 1. */
  now(): bigint;
}

const MAX_TIMESTAMP = 2n ** 64n - 1n;

/** Whether a value can be a timestamp: a bigint that fits into 64 bits. */
export function isTimestamp(value: unknown): value is bigint {
  return typeof value === "bigint" && value >= 0n && value <= MAX_TIMESTAMP;
}

/**
 * The time of a clock.
 *
 * @throws {@link InvalidConfigError} where the clock gives none.
 */
export function timeOf(clock: Clock): bigint {
  const now: unknown = clock.now();
  if (isTimestamp(now)) return now;
  throw new InvalidConfigError("clock", "a clock whose now() is a bigint from 0 to 2^64 - 1", now);
}
