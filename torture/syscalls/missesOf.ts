/** So few may stay unreached in any slice, and so large a part of a large one. */
const MAX_FEW = 1;
const MAX_SHARE = 0.01;

/**
 * What is wrong where calls that were to fail were never made, however often it was tried: too little
 * was attacked.
 *
 * @param cases - those whose call has failed
 */
export function missesOf(notReached: number, cases: number): readonly string[] {
  const all = notReached + cases;
  if (notReached <= Math.max(MAX_FEW, all * MAX_SHARE)) return [];
  return [`${notReached} of ${all} calls were not reached`];
}
