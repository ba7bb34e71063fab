import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, interleaved, ratio } from "./harness.ts";
import { openLoop } from "./openLoop.ts";
import type { Percentiles } from "./peers/jobs.ts";
import { lmdbPipeline, rawFilePipeline, type Pipeline } from "./pipelines.ts";
import { WARM_UP_MS } from "./warmUp.ts";
import { withPipeline } from "./withPipeline.ts";

const RATES = [1_000, 10_000, 100_000] as const;
const SPAN = { warmUpMs: WARM_UP_MS, measureMs: 2_000 };
/** An entry with its share of the frame is less than this. */
const ENTRY_BYTES = 512;
/** What the smallest rate still needs, whose frames hold one entry each. */
const MIN_ZEROED_BYTES = 16 * 2 ** 20;

interface Latencies extends Percentiles {
  readonly refused: number;
}

/** How long an entry takes until it is durable. */
export const latency: Benchmark = {
  name: "latency",
  question: "How long does an entry take until the watermark covers it, at a fixed rate?",
  async run(context: Context) {
    const ratios: Figure[] = [];
    const figures: Figure[] = [];
    for (const perSecond of RATES) {
      const { ours, rawFile } = await measureAt(perSecond, context);
      const rate = `${perSecond / 1000} k/s`;
      const compare = (what: string, key: keyof Latencies): Figure =>
        ratio(`${rate}: ours / raw file, ${what}`, sidesOf(ours, rawFile, key));
      ratios.push(compare("median", "p50Us"), compare("p99", "p99Us"));
      for (const [side, results] of [
        ["ours", ours],
        ["raw file", rawFile],
      ] as const) {
        const show = (what: string, key: keyof Latencies): Figure =>
          figure(
            `${rate}: ${side}, ${what}`,
            key === "refused" ? "times" : "us",
            results.map((result) => result[key]),
          );
        figures.push(
          show("median", "p50Us"),
          show("p99", "p99Us"),
          show("p99.9", "p999Us"),
          show("max", "maxUs"),
          show("the queue was full", "refused"),
        );
      }
    }
    return { ratios, figures };
  },
};

function sidesOf(
  ours: readonly Latencies[],
  theirs: readonly Latencies[],
  key: keyof Latencies,
): { readonly of: readonly number[]; readonly over: readonly number[] } {
  return { of: ours.map((result) => result[key]), over: theirs.map((result) => result[key]) };
}

function measureAt(
  perSecond: number,
  { rounds, folder }: Context,
): Promise<Record<"ours" | "rawFile", Latencies[]>> {
  const entries = (perSecond * (SPAN.warmUpMs + SPAN.measureMs)) / 1000;
  const zeroedBytes = Math.max(MIN_ZEROED_BYTES, entries * ENTRY_BYTES);
  const load = { perSecond, ...SPAN, isExact: true };
  const measure = (opening: Promise<Pipeline>): Promise<Latencies> =>
    withPipeline(opening, async (pipeline) => {
      const { heard, refused } = await openLoop(pipeline, load);
      return { ...heard.percentiles(), refused };
    });
  return interleaved(rounds, {
    ours: () => measure(lmdbPipeline(folder())),
    rawFile: () => measure(rawFilePipeline(folder(), zeroedBytes)),
  });
}
