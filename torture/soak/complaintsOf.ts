import type { LoadCounts } from "./LoadWatch.ts";

/*
 * A machine that others use as well takes its time now and then. These are far above that, and a commit
 * still below the five seconds after which a run halts by itself.
 */
export const MAX_STALL_MS = 4_000;
const MAX_COMMIT_MS = 4_000;
/** In line, and then in a commit behind another one. */
const MAX_APPEND_MS = 12_000;

/** What is wrong with how runs have served their load; nothing where all went well. */
export function complaintsOf(counts: LoadCounts): readonly string[] {
  const { longestStallMs, longestCommitMs, longestAppendMs } = counts;
  const { offered, submitted, appended, stalls } = counts;
  const wrong: readonly (readonly [isWrong: boolean, what: string])[] = [
    [longestStallMs > MAX_STALL_MS, `somebody stood in line for ${longestStallMs} ms`],
    [longestCommitMs > MAX_COMMIT_MS, `a commit took ${longestCommitMs} ms`],
    [longestAppendMs > MAX_APPEND_MS, `an append took ${longestAppendMs} ms`],
    // Else what is above says nothing.
    [stalls === 0, "nobody ever stood in line"],
    [Math.min(offered, submitted, appended) === 0, "not every verb was used"],
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, what]) => what);
}
