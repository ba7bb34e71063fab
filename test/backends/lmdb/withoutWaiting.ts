import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

/** Lets no step wait, for tests that read so many files that nobody writes that it would add up. */
export async function withoutWaiting<Result>(step: () => Promise<Result>): Promise<Result> {
  const { setTimeout } = timers;
  timers.setTimeout = (async () => {}) as typeof setTimeout;
  syncBuiltinESMExports();
  try {
    return await step();
  } finally {
    timers.setTimeout = setTimeout;
    syncBuiltinESMExports();
  }
}
