import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, ratio } from "./harness.ts";
import { askAll, type Given } from "./peers/askAll.ts";
import { allContenders } from "./peers/contenders.ts";
import type { SaturatedResult } from "./peers/jobs.ts";
import type { Reach } from "./peers/Peer.ts";
import { WARM_UP_ENTRIES } from "./warmUp.ts";

const LOAD = { outstanding: 10_000, warmUp: WARM_UP_ENTRIES, entries: 500_000 } as const;

const REACH: Reach = {
  literalPipeline: ">= 3",
  sqliteRows: ">= 3",
  original: ">= 3.5",
  originalTuned: ">= 2",
};

/** Everybody with as much to do as there can be, and free to put it into as few commits as wanted. */
export const peersSaturated: Benchmark = {
  name: "peersSaturated",
  question: "How many entries become durable per second with 10,000 outstanding, ours and others?",
  async run(context: Context) {
    const { contenders, notes } = await allContenders(context);
    const task = { kind: "saturated", ...LOAD } as const;
    const { results, notes: missing } = await askAll<"saturated">(contenders, task, context);
    const ours = results.find(({ contender }) => contender.id === "tidemark");
    const others = results.filter((given) => given !== ours && given.contender.isComparable);
    return {
      ratios: others.flatMap(({ contender: { id, name }, rounds }) =>
        ours === undefined
          ? []
          : [
              ratio(
                `${ours.contender.name} / ${name}`,
                { of: ratesOf(ours.rounds), over: ratesOf(rounds) },
                REACH[id],
              ),
            ],
      ),
      figures: results.map(figureOf),
      notes: [...notes, ...missing],
    };
  },
};

function figureOf({ contender: { name, isComparable }, rounds }: Given<"saturated">): Figure {
  const rate = figure(name, "entries/s", ratesOf(rounds));
  return isComparable ? { ...rate, labels: { chart: "saturated", subject: name } } : rate;
}

function ratesOf(rounds: readonly SaturatedResult[]): readonly number[] {
  return rounds.map(({ entriesPerSecond }) => entriesPerSecond);
}
