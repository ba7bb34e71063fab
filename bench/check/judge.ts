/** A ratio that falls below this part of what was recorded is a regression. */
export const TOLERATED_SHARE = 0.8;

/** How many times the rounds are measured again where a ratio has fallen: a machine has neighbours. */
const REPEATED_ROUNDS = 2;

/** Ratios by name, of speeds: ours over another one, so that more is better. */
export type Ratios = Readonly<Record<string, number>>;

/** What gives some ratios, in so many rounds. */
export interface Probe {
  readonly name: string;
  readonly rounds: number;
}

/** What became of one ratio. */
export interface Verdict {
  readonly name: string;
  /** Undefined where there is no record to compare with, which is no pass. */
  readonly recorded: number | undefined;
  /** Undefined where a record was not measured, which is none either. */
  readonly measured: number | undefined;
  readonly rounds: number;
  readonly holds: boolean;
}

/** What {@link judge} needs. */
export interface JudgeConfig {
  readonly probes: readonly Probe[];
  readonly recorded: Ratios;
  readonly measure: (probe: string, rounds: number) => Promise<Ratios>;
  /** Told of each verdict as it falls. */
  readonly onVerdict: (verdict: Verdict) => void;
}

/**
 * Measures every probe and compares with what was recorded. A probe whose ratios do not all hold is
 * measured once more, in more rounds, which then decide for those that had fallen.
 *
 * @returns whether all hold.
 */
export async function judge(config: JudgeConfig): Promise<boolean> {
  const { probes, recorded, onVerdict } = config;
  const verdicts: Verdict[] = [];
  for (const probe of probes) {
    for (const verdict of await verdictsOf(probe, config)) {
      verdicts.push(verdict);
      onVerdict(verdict);
    }
  }
  const measured = new Set(verdicts.map(({ name }) => name));
  for (const name of Object.keys(recorded).filter((name) => !measured.has(name))) {
    const verdict = verdictOf(name, { recorded: recorded[name], measured: undefined, rounds: 0 });
    verdicts.push(verdict);
    onVerdict(verdict);
  }
  return verdicts.every(({ holds }) => holds);
}

async function verdictsOf(
  { name, rounds }: Probe,
  config: JudgeConfig,
): Promise<readonly Verdict[]> {
  const first = await verdictsIn(name, rounds, config);
  // More rounds are no help where there is nothing to compare with.
  if (first.every(({ holds, recorded }) => holds || recorded === undefined)) return first;
  const second = await verdictsIn(name, rounds * REPEATED_ROUNDS, config);
  return first.map((verdict) =>
    verdict.holds ? verdict : (second.find((later) => later.name === verdict.name) ?? verdict),
  );
}

async function verdictsIn(
  probe: string,
  rounds: number,
  { recorded, measure }: JudgeConfig,
): Promise<readonly Verdict[]> {
  const ratios = await measure(probe, rounds);
  return Object.entries(ratios).map(([name, measured]) =>
    verdictOf(name, { recorded: recorded[name], measured, rounds }),
  );
}

function verdictOf(
  name: string,
  { recorded, measured, rounds }: Omit<Verdict, "name" | "holds">,
): Verdict {
  // What is not a number does not hold, and neither does null, which is what JSON makes of it.
  const holds =
    Number.isFinite(measured) &&
    recorded !== undefined &&
    measured !== undefined &&
    measured >= TOLERATED_SHARE * recorded;
  return { name, recorded, measured, rounds, holds };
}
