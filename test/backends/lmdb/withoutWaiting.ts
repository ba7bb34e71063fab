import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

/** Lets no step wait, for tests that read so many files that nobody writes that it would add up. */
export async function withoutWaiting<Result>(step: () => Promise<Result>): Promise<Result> {
  const before = { ...timers };
  Object.assign(timers, { setTimeout: async () => {} });
  syncBuiltinESMExports();
  try {
    return await step();
  } finally {
    Object.assign(timers, before);
    syncBuiltinESMExports();
  }
}
