import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, ratio } from "./harness.ts";
import { askAll, type Given } from "./peers/askAll.ts";
import { allContenders } from "./peers/contenders.ts";
import type { CommitsResult } from "./peers/jobs.ts";
import type { PeerId, Reach } from "./peers/Peer.ts";
import { WARM_UP_COMMITS, WARM_UP_ENTRIES } from "./warmUp.ts";

/** Entries of a commit, and how many commits are measured after how many others. */
const LOADS = [
  { batch: 1, commits: 500, warmUp: WARM_UP_COMMITS },
  { batch: 10, commits: 500, warmUp: WARM_UP_COMMITS },
  { batch: 100, commits: 500, warmUp: WARM_UP_COMMITS },
  { batch: 1000, commits: 200, warmUp: WARM_UP_ENTRIES / 1_000 },
] as const;
const STORED = { kind: "bytes", batch: 100, entries: 20_000 } as const;

/** What we want to reach against whom, by entries of a commit. */
const REACH: Readonly<Record<number, Reach>> = {
  1: { sqliteRows: ">= 0.8", sqliteBlob: ">= 0.8", redb: ">= 0.8", redbBlob: ">= 0.8" },
  10: { sqliteRows: ">= 0.8", sqliteBlob: ">= 0.8", redb: ">= 0.8", redbBlob: ">= 0.8" },
  100: { sqliteRows: ">= 1.6", classicLevel: ">= 4.8", postgres: ">= 3" },
  1000: { sqliteRows: ">= 5" },
};
/** The same for our writer alone against raw files. */
const WRITER_REACH: Readonly<Record<number, Reach>> = {
  100: { rawGrowing: ">= 1", rawZeroed: ">= 0.5" },
};

/** One commit outstanding, against whatever else a user could pick. */
export const peers: Benchmark = {
  name: "peers",
  question: "How fast are commits of 1, 10, 100 and 1,000 entries against what others would pick?",
  async run(context: Context) {
    const { contenders, notes, figures: syncs } = await allContenders(context);
    const ratios: Figure[] = [];
    const figures: Figure[] = [];
    const missing = new Set<string>();
    for (const load of LOADS) {
      const answers = await askAll<"commits">(contenders, { kind: "commits", ...load }, context);
      ratios.push(...ratiosOf(answers.results, load.batch));
      figures.push(...figuresOf(answers.results, load.batch));
      for (const note of answers.notes) missing.add(note);
    }
    const stored = await askAll<"bytes">(contenders, STORED, { ...context, rounds: 1 });
    for (const { contender, rounds } of stored.results) {
      const { id, name } = contender;
      const what = `100 per commit: ${name}, stored bytes of an entry`;
      const found = figure(what, "bytes", [rounds[0]?.storedBytesPerEntry ?? Number.NaN]);
      figures.push(id === "tidemark" ? { ...found, reach: "<= 386" } : found);
    }
    for (const note of stored.notes) missing.add(note);
    figures.push(...syncs);
    return { ratios, figures, notes: [...notes, ...missing] };
  },
};

type Results = readonly Given<"commits">[];

function ratiosOf(results: Results, batch: number): readonly Figure[] {
  const writer = results.find(({ contender }) => contender.id === "tidemarkWriter");
  const found: Figure[] = [];
  for (const given of results.filter(({ contender }) => contender.isComparable)) {
    const { id } = given.contender;
    if (given.contender.isOurs) continue;
    const ours = results.find(({ contender }) => contender.id === "tidemark");
    if (ours !== undefined) found.push(speedRatio(ours, given, { batch, reach: REACH }));
    // What has neither a process nor a pipeline before it is compared with what has neither.
    if (writer === undefined || !RAW_FILES.has(id)) continue;
    found.push(speedRatio(writer, given, { batch, reach: WRITER_REACH }));
  }
  return found;
}

const RAW_FILES: ReadonlySet<PeerId> = new Set(["rawGrowing", "rawZeroed"]);

/** Speed is the inverse of time: theirs over ours. */
function speedRatio(
  ours: Given<"commits">,
  theirs: Given<"commits">,
  { batch, reach }: { readonly batch: number; readonly reach: Readonly<Record<number, Reach>> },
): Figure {
  const { id, name } = theirs.contender;
  return ratio(
    `${batch} per commit: ${ours.contender.name} / ${name}, at the median commit`,
    { of: mediansOf(theirs.rounds), over: mediansOf(ours.rounds) },
    reach[batch]?.[id],
  );
}

function mediansOf(rounds: readonly CommitsResult[]): readonly number[] {
  return rounds.map(({ medianUs }) => medianUs);
}

function figuresOf(results: Results, batch: number): readonly Figure[] {
  return results.flatMap(({ contender: { name, isComparable }, rounds }) => {
    const what = `${batch} per commit: ${name}`;
    const rate = figure(
      what,
      "entries/s",
      rounds.map(({ entriesPerSecond }) => entriesPerSecond),
    );
    const labels = { chart: "commits", subject: name, batch } as const;
    return [
      isComparable ? { ...rate, labels } : rate,
      figure(`${what}, the median commit`, "us", mediansOf(rounds)),
      figure(
        `${what}, the p99 commit`,
        "us",
        rounds.map(({ p99Us }) => p99Us),
      ),
    ];
  });
}
