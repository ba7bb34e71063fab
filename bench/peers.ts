import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, ratio } from "./harness.ts";
import { askAll } from "./peers/askAll.ts";
import { allContenders, type Contender } from "./peers/contenders.ts";
import type { CommitsResult } from "./peers/jobs.ts";
import { nodePeers, tidemarkPeer, tidemarkWriterPeer } from "./peers/nodePeers.ts";
import { syncsPerCommit } from "./peers/syncsPerCommit.ts";

/** Entries of a commit, and how many commits are measured after how many others. */
const LOADS = [
  { batch: 1, commits: 300, warmUp: 100 },
  { batch: 10, commits: 300, warmUp: 100 },
  { batch: 100, commits: 300, warmUp: 100 },
  { batch: 1000, commits: 100, warmUp: 30 },
] as const;
const STORED = { kind: "bytes", batch: 100, entries: 20_000 } as const;
const OURS = tidemarkPeer.name;
const OUR_WRITER = tidemarkWriterPeer.name;

/** What we want to reach against whom, by entries of a commit. */
const REACH: Readonly<Record<string, string>> = {
  "1 better-sqlite3, rows": ">= 0.8",
  "10 better-sqlite3, rows": ">= 0.8",
  "100 better-sqlite3, rows": ">= 1.6",
  "1000 better-sqlite3, rows": ">= 5",
  "1 redb": ">= 0.8",
  "10 redb": ">= 0.8",
  "100 classic-level": ">= 4.8",
  "100 PostgreSQL": ">= 3",
};
/** The same for our writer alone against raw files. */
const WRITER_REACH: Readonly<Record<string, string>> = {
  "100 raw, growing": ">= 1",
  "100 raw, zeroed": ">= 0.5",
};

/** One commit outstanding, against whatever else a user could pick. */
export const peers: Benchmark = {
  name: "peers",
  question: "How fast are commits of 1, 10, 100 and 1,000 entries against what others would pick?",
  async run(context: Context) {
    const { contenders, notes } = await allContenders();
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
    for (const [name, [result]] of stored.results) {
      const what = `100 per commit: ${name}, stored bytes of an entry`;
      const found = figure(what, "bytes", [result?.storedBytesPerEntry ?? Number.NaN]);
      figures.push(name === OURS ? { ...found, reach: "<= 386" } : found);
    }
    figures.push(...(await syncFigures(contenders, context, missing)));
    return { ratios, figures, notes: [...notes, ...missing] };
  },
};

type Results = ReadonlyMap<string, readonly CommitsResult[]>;

/** Speed is the inverse of time: theirs over ours. */
function ratiosOf(results: Results, batch: number): readonly Figure[] {
  const found: Figure[] = [];
  const compare = (ours: string, theirs: string, reach?: string): void => {
    const [of, over] = [mediansOf(results, theirs), mediansOf(results, ours)];
    if (of.length === 0 || over.length === 0) return;
    found.push(ratio(`${batch} per commit: ${ours} / ${theirs}`, { of, over }, reach));
  };
  for (const name of results.keys()) {
    if (name === OURS || name === OUR_WRITER) continue;
    compare(OURS, name, REACH[`${batch} ${name}`]);
  }
  // What has neither a process nor a pipeline before it is compared with what has neither.
  for (const { name } of nodePeers.filter((peer) => peer.name.startsWith("raw"))) {
    compare(OUR_WRITER, name, WRITER_REACH[`${batch} ${name}`]);
  }
  return found;
}

function mediansOf(results: Results, name: string): readonly number[] {
  return results.get(name)?.map(({ medianUs }) => medianUs) ?? [];
}

function figuresOf(results: Results, batch: number): readonly Figure[] {
  return Array.from(results).flatMap(([name, rounds]) => [
    {
      ...figure(
        `${batch} per commit: ${name}, at the median commit`,
        "entries/s",
        rounds.map(({ medianUs }) => (batch / medianUs) * 1e6),
      ),
      labels: { chart: "commits", subject: name, batch } as const,
    },
    figure(
      `${batch} per commit: ${name}, p99`,
      "us",
      rounds.map(({ p99Us }) => p99Us),
    ),
  ]);
}

async function syncFigures(
  contenders: readonly Contender[],
  { folder }: Context,
  missing: Set<string>,
): Promise<readonly Figure[]> {
  const found: Figure[] = [];
  for (const { name, command } of contenders) {
    const syncs = await syncsPerCommit(command, folder);
    if (typeof syncs === "string") missing.add(`${name}: ${syncs}`);
    else found.push(figure(`10 per commit: ${name}, syncs of a commit`, "syncs", [syncs]));
  }
  return found;
}
