import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

/**
 * Lets a step wait for no time.
 *
 * @param meanwhile - what happens in the time that it would wait for; default nothing
 */
export async function withoutWaiting<Result>(
  step: () => Promise<Result>,
  meanwhile: () => void = () => {},
): Promise<Result> {
  const before = { ...timers };
  Object.assign(timers, { setTimeout: async () => meanwhile() });
  syncBuiltinESMExports();
  try {
    return await step();
  } finally {
    Object.assign(timers, before);
    syncBuiltinESMExports();
  }
}
