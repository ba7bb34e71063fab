const MAX_SHARE = 0.1;
/** So few may be missed however few cases there are: no two lives make quite the same calls. */
const MAX_FEW = 2;

/** What is wrong where calls that were to fail were not made: too little was attacked. */
export function missesOf(notReached: number, cases: number): readonly string[] {
  if (notReached <= MAX_FEW || notReached <= cases * MAX_SHARE) return [];
  return [`${notReached} of ${cases} calls were not reached`];
}
