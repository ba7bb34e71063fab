/*
 * How much comes before what is measured. V8 compiles what is hot while it runs, here in two
 * processes at once; where cores are few, every hundredth commit waits some milliseconds for one of
 * its threads. That ends after some 3,000 commits (docs/decisions.md, D-040).
 */

/** Commits, one after the other. */
export const WARM_UP_COMMITS = 3_000;
/** Milliseconds in which commits follow one another at whatever rate entries come. */
export const WARM_UP_MS = 10_000;
/** Entries, where commits hold thousands of them. */
export const WARM_UP_ENTRIES = 500_000;
