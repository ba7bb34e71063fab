import { filter, firstValueFrom } from "rxjs";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { draftOf } from "./drafts.ts";
import { figure, interleaved, ratio } from "./harness.ts";
import { tidemarkPeer } from "./peers/nodePeers.ts";
import { syncsPerCommit } from "./peers/syncsPerCommit.ts";
import { lmdbPipeline, rawFilePipeline, type Pipeline } from "./pipelines.ts";

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
        ours: async () => commitsPerSecond(await lmdbPipeline(folder()), size),
        rawFile: async () => commitsPerSecond(await rawFilePipeline(folder(), 0), size),
      });
      ratios.push(ratio(`${size} per commit: ours / growing file`, { of: ours, over: rawFile }));
      figures.push(figure(`${size} per commit: ours`, "commits/s", ours));
    }
    const prepared = await tidemarkPeer.prepare();
    const syncs = "why" in prepared ? prepared.why : await syncsPerCommit(prepared.command, folder);
    if (typeof syncs === "string") return { ratios, figures, notes: [syncs] };
    figures.push(figure("syncs of a commit", "syncs", [syncs]));
    return { ratios, figures };
  },
};

async function commitsPerSecond(pipeline: Pipeline, size: number): Promise<number> {
  let startedAt = 0;
  for (let commit = 0; commit < WARM_UP + COMMITS; commit++) {
    if (commit === WARM_UP) startedAt = performance.now();
    for (let turn = 0; turn < size; turn++) pipeline.offer(draftOf(turn));
    const last = pipeline.accepted;
    await firstValueFrom(pipeline.watermark$.pipe(filter((watermark) => watermark >= last)));
  }
  const perSecond = (COMMITS / (performance.now() - startedAt)) * 1e3;
  await pipeline.close();
  return perSecond;
}
