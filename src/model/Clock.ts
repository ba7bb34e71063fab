/** Where timestamps come from. */
export interface Clock {
  /** Nanoseconds since the Unix epoch. */
  now(): bigint;
}
