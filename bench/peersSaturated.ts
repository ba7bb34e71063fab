import type { Benchmark, Context } from "./Benchmark.ts";
import { figure, ratio } from "./harness.ts";
import { askAll } from "./peers/askAll.ts";
import { allContenders } from "./peers/contenders.ts";
import { tidemarkPeer } from "./peers/nodePeers.ts";

const LOAD = { outstanding: 10_000, warmUp: 100_000, entries: 300_000, tuned: false } as const;

const REACH: Readonly<Record<string, string>> = {
  "literal pipeline": ">= 3",
  "better-sqlite3, rows": ">= 3",
  original: ">= 3.5",
  "original, tuned": ">= 2",
};

/** Everybody with as much to do as there can be, and free to put it into as few commits as wanted. */
export const peersSaturated: Benchmark = {
  name: "peersSaturated",
  question: "How many entries become durable per second with 10,000 outstanding, ours and others?",
  async run(context: Context) {
    const { contenders, notes } = await allContenders();
    const task = { kind: "saturated", ...LOAD } as const;
    const { results, notes: missing } = await askAll<"saturated">(contenders, task, context);
    const speeds = new Map(
      Array.from(results, ([name, rounds]) => [
        name,
        rounds.map(({ entriesPerSecond }) => entriesPerSecond),
      ]),
    );
    const { name: us } = tidemarkPeer;
    const ours = speeds.get(us) ?? [];
    const others = Array.from(speeds).filter(([name]) => name !== us);
    return {
      ratios: others.map(([name, theirs]) =>
        ratio(`${us} / ${name}`, { of: ours, over: theirs }, REACH[name]),
      ),
      figures: Array.from(speeds, ([name, perSecond]) => ({
        ...figure(name, "entries/s", perSecond),
        labels: { chart: "saturated", subject: name } as const,
      })),
      notes: [...notes, ...missing],
    };
  },
};
