/** Cuts of writers whose syncs do nothing. */
export interface Controls {
  readonly all: number;
  /** After so many of them something was missing that had been acknowledged. */
  readonly losing: number;
}

/** The share of the controls that must lose something, or the cuts prove nothing. */
const MIN_LOSING = 0.9;

/** Why the cuts prove nothing, by their controls. */
export function controlFault({ all, losing }: Controls): string | undefined {
  if (all === 0) return "no control has shown that a cut takes anything";
  return losing < MIN_LOSING * all
    ? `only ${losing} of ${all} controls have lost anything`
    : undefined;
}
