import type { Benchmark, Context } from "./Benchmark.ts";
import { closedLoop, type ClosedLoopResult } from "./closedLoop.ts";
import { figure, interleaved, ratio } from "./harness.ts";
import { literalPipeline, lmdbPipeline, rawFilePipeline, type Pipeline } from "./pipelines.ts";
import { WARM_UP_ENTRIES } from "./warmUp.ts";
import { withPipeline } from "./withPipeline.ts";

const LOOP = { outstanding: 10_000, warmUpEntries: WARM_UP_ENTRIES, entries: 500_000 };
/** All entries of a round, the outstanding ones included. */
const ZEROED_BYTES = 384 * 2 ** 20;

/** Throughput with 10,000 entries outstanding. */
export const saturated: Benchmark = {
  name: "saturated",
  question: "How many entries become durable per second with 10,000 of 256 B outstanding?",
  async run({ rounds, folder }: Context) {
    const results = await interleaved(rounds, {
      ours: () => closed(lmdbPipeline(folder())),
      literal: () => closed(literalPipeline(folder())),
      rawFile: () => closed(rawFilePipeline(folder(), ZEROED_BYTES)),
    });
    const [ours, literal, rawFile] = [results.ours, results.literal, results.rawFile].map((side) =>
      side.map(({ entriesPerSecond }) => entriesPerSecond),
    ) as [number[], number[], number[]];
    return {
      ratios: [
        ratio("ours / literal pipeline, one put per batch", { of: ours, over: literal }, ">= 3"),
        ratio("ours / same pipeline into a zeroed file", { of: ours, over: rawFile }, ">= 0.85"),
      ],
      figures: [
        figure("ours", "entries/s", ours),
        figure("literal pipeline", "entries/s", literal),
        figure("raw file, zeroed, one fdatasync", "entries/s", rawFile),
      ],
    };
  },
};

function closed(opening: Pipeline | Promise<Pipeline>): Promise<ClosedLoopResult> {
  return withPipeline(opening, (pipeline) => closedLoop(pipeline, LOOP));
}
