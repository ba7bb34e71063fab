import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, ratio } from "./harness.ts";
import { askAll, type Given } from "./peers/askAll.ts";
import { allContenders } from "./peers/contenders.ts";
import type { LatencyResult, Percentiles } from "./peers/jobs.ts";
import type { Reach } from "./peers/Peer.ts";
import { WARM_UP_MS } from "./warmUp.ts";

const RATES = [1_000, 10_000, 50_000, 100_000] as const;
const MEASURE_SECONDS = 2;
const SHARES = [
  { share: "median", key: "p50Us" },
  { share: "p99", key: "p99Us" },
] as const;

/** What we want to reach against whom, by thousands of entries per second and share. */
const REACH: Readonly<Record<string, Reach>> = {
  "1, median": { original: "<= 0.14", originalTuned: "<= 1" },
  "1, p99": { originalTuned: "<= 1.5" },
  "10, median": { original: "<= 0.14", originalTuned: "<= 1" },
  "10, p99": { originalTuned: "<= 1.5" },
  "50, median": { original: "<= 0.4" },
  "100, median": { original: "<= 0.4", originalTuned: "<= 1" },
  "100, p99": { originalTuned: "<= 1.5" },
};

/** From the moment at which an entry is due, whatever anybody is busy with then. */
export const peersLatency: Benchmark = {
  name: "peersLatency",
  question: "How long does an entry take until it is durable, at a fixed rate, ours and others?",
  async run(context: Context) {
    const { contenders, notes } = await allContenders(context);
    const ratios: Figure[] = [];
    const figures: Figure[] = [];
    const missing = new Set<string>();
    for (const perSecond of RATES) {
      const answers = await askAll<"latency">(
        contenders,
        {
          kind: "latency",
          perSecond,
          warmUp: (perSecond * WARM_UP_MS) / 1_000,
          entries: perSecond * MEASURE_SECONDS,
        },
        context,
      );
      ratios.push(...ratiosOf(answers.results, perSecond));
      figures.push(...figuresOf(answers.results, perSecond));
      for (const note of answers.notes) missing.add(note);
    }
    return { ratios, figures, notes: [...notes, ...missing] };
  },
};

type Results = readonly Given<"latency">[];

/**
 * Like with like: what only tells when its caller hears of a commit is compared with when ours does;
 * what only tells when a commit returned, with that, and besides with when our caller hears of it.
 */
function ratiosOf(results: Results, perSecond: number): readonly Figure[] {
  const us = results.find(({ contender }) => contender.id === "tidemark");
  if (us === undefined) return [];
  const ours = us.rounds;
  const rate = perSecond / 1000;
  const others = results.filter((given) => given !== us && given.contender.isComparable);
  return others.flatMap(({ contender: { id, name }, rounds: theirs }) =>
    SHARES.flatMap(({ share, key }) => {
      const what = `${rate} k/s: ${us.contender.name} / ${name}, ${share}`;
      const over = theirs.map((result) => heardOf(result)[key]);
      const reach = REACH[`${rate}, ${share}`]?.[id];
      const heard = ours.map((result) => heardOf(result)[key]);
      if (theirs.every((result) => result.heard !== undefined)) {
        return [ratio(what, { of: heard, over }, reach)];
      }
      const returned = ours.map((result) => result[key]);
      return [
        ratio(what, { of: returned, over }, reach),
        ratio(`${what}, ours as heard`, { of: heard, over }),
      ];
    }),
  );
}

function heardOf(result: LatencyResult): Percentiles {
  return result.heard ?? result;
}

function figuresOf(results: Results, perSecond: number): readonly Figure[] {
  return results.flatMap(({ contender: { id, name, isComparable }, rounds }) => {
    const what = `${perSecond / 1000} k/s: ${name}`;
    const show = (percentile: string, key: keyof Percentiles): Figure =>
      figure(
        `${what}, ${percentile}`,
        "ms",
        rounds.map((result) => heardOf(result)[key] / 1e3),
      );
    const shown = SHARES.map(({ share, key }): Figure => {
      const labels = { chart: "latency", subject: name, perSecond, share } as const;
      return isComparable ? { ...show(share, key), labels } : show(share, key);
    });
    shown.push(show("p99.9", "p999Us"), show("max", "maxUs"));
    if (id !== "tidemark") return shown;
    const returned = SHARES.map(({ share, key }) =>
      figure(
        `${what}, ${share}, where the commit returned`,
        "ms",
        rounds.map((result) => result[key] / 1e3),
      ),
    );
    return shown.concat(returned);
  });
}
