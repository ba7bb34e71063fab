/*
 * How much comes before what is measured. V8 compiles what is hot while it runs, here in two
 * processes at once; where cores are few, every hundredth commit waits some milliseconds for one of
 * its threads. That ends after some 3,000 commits that follow one another, and some 8 s at a steady
 * rate (docs/decisions.md, D-040; the benchmark firstSeconds).
 */

/** Commits, one after the other. */
export const WARM_UP_COMMITS = 3_000;
/** Milliseconds, where entries come at a steady rate. */
export const WARM_UP_MS = 10_000;
/** Entries, where commits hold thousands of them. */
export const WARM_UP_ENTRIES = 500_000;
