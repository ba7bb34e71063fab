/** Generations up and down, where nothing else is asked for, and at most. */
export const DEFAULT_DEPTH = 64;
export const MAX_DEPTH = 1_000;

/** Consequences that are remembered, where nothing else is asked for, and at most. */
export const DEFAULT_LIMIT = 1_000;
export const MAX_LIMIT = 100_000;
