import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { commitBatch } from "./commitBatch.ts";
import { figure, interleaved, ratio } from "./harness.ts";
import { tidemarkPeer } from "./peers/nodePeers.ts";
import { syncsPerCommit } from "./peers/syncsPerCommit.ts";
import { lmdbPipeline, rawFilePipeline, type Pipeline } from "./pipelines.ts";
import { withPipeline } from "./withPipeline.ts";

const SIZES = [1, 10, 100] as const;
const WARM_UP = 100;
const COMMITS = 400;

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
        ours: () => commitsPerSecond(lmdbPipeline(folder()), size),
        rawFile: () => commitsPerSecond(rawFilePipeline(folder(), 0), size),
      });
      ratios.push(ratio(`${size} per commit: ours / growing file`, { of: ours, over: rawFile }));
      figures.push(figure(`${size} per commit: ours`, "commits/s", ours));
    }
    const prepared = await tidemarkPeer.prepare();
    const syncs = "why" in prepared ? prepared.why : await syncsPerCommit(prepared.command, folder);
    if (typeof syncs === "string") return { ratios, figures, notes: [syncs] };
    figures.push(figure("syncs of a commit of 100", "syncs", [syncs]));
    return { ratios, figures };
  },
};

function commitsPerSecond(opening: Promise<Pipeline>, size: number): Promise<number> {
  return withPipeline(opening, async (pipeline) => {
    let startedAt = 0;
    for (let commit = 0; commit < WARM_UP + COMMITS; commit++) {
      if (commit === WARM_UP) startedAt = performance.now();
      await commitBatch(pipeline, size);
    }
    return (COMMITS / (performance.now() - startedAt)) * 1e3;
  });
}
