/** Entries that a member hands in together: all of them are there after a crash, or none. */
export const GROUP = 10;

/** What the crowd writes: they share a directory, and each has a lease of its own. */
export const INSTANCES = ["desk-1", "desk-2"] as const;
