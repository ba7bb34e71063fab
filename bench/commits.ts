import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { commitBatch } from "./commitBatch.ts";
import { figure, interleaved, percentileOf, ratio } from "./harness.ts";
import { tidemarkPeer } from "./peers/nodePeers.ts";
import { syncsPerCommit } from "./peers/syncsPerCommit.ts";
import { lmdbPipeline, rawFilePipeline, type Pipeline } from "./pipelines.ts";
import { WARM_UP_COMMITS } from "./warmUp.ts";
import { withPipeline } from "./withPipeline.ts";

const SIZES = [1, 10, 100] as const;
const COMMITS = 1_000;

/** What a thousand commits took, and the first thousand of all. */
interface Took {
  readonly perSecond: number;
  readonly p99Us: number;
  readonly coldP99Us: number;
}

/** Commits one by one, as a caller sees them, and what they ask of the disk. */
export const commits: Benchmark = {
  name: "commits",
  question:
    "How many commits of 1, 10 and 100 entries come one after the other, and how many syncs?",
  async run({ rounds, folder }: Context) {
    const ratios: Figure[] = [];
    const figures: Figure[] = [];
    for (const size of SIZES) {
      const { ours, rawFile } = await interleaved(rounds, {
        ours: () => commitsOf(lmdbPipeline(folder()), size),
        rawFile: () => commitsOf(rawFilePipeline(folder(), 0), size),
      });
      const speeds = (sides: readonly Took[]): number[] => sides.map(({ perSecond }) => perSecond);
      const [of, over] = [speeds(ours), speeds(rawFile)];
      ratios.push(ratio(`${size} per commit: ours / growing file`, { of, over }));
      figures.push(
        figure(`${size} per commit: ours`, "commits/s", of),
        figure(
          `${size} per commit: ours, p99`,
          "us",
          ours.map(({ p99Us }) => p99Us),
        ),
        figure(
          `${size} per commit: ours, p99 of the first ${COMMITS.toLocaleString("en")} of a writer process`,
          "us",
          ours.map(({ coldP99Us }) => coldP99Us),
        ),
      );
    }
    const prepared = await tidemarkPeer.prepare();
    const syncs = "why" in prepared ? prepared.why : await syncsPerCommit(prepared.command, folder);
    if (typeof syncs === "string") return { ratios, figures, notes: [syncs] };
    figures.push(figure("syncs of a commit of 100", "syncs", [syncs]));
    return { ratios, figures };
  },
};

function commitsOf(opening: Promise<Pipeline>, size: number): Promise<Took> {
  return withPipeline(opening, async (pipeline) => {
    const ms = new Float64Array(WARM_UP_COMMITS + COMMITS);
    for (let commit = 0; commit < ms.length; commit++) {
      ms[commit] = await commitBatch(pipeline, size);
    }
    const warm = ms.subarray(WARM_UP_COMMITS);
    return {
      perSecond: COMMITS / (warm.reduce((sum, took) => sum + took) / 1e3),
      p99Us: p99UsOf(warm),
      coldP99Us: p99UsOf(ms.subarray(0, COMMITS)),
    };
  });
}

function p99UsOf(ms: Float64Array): number {
  return percentileOf(ms.toSorted(), 0.99) * 1e3;
}
