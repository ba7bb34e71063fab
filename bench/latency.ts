import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { figure, interleaved, percentileOf, ratio } from "./harness.ts";
import { openLoop } from "./openLoop.ts";
import { lmdbPipeline, rawFilePipeline, type Pipeline } from "./pipelines.ts";

const RATES = [1_000, 10_000, 100_000] as const;
const SPAN = { warmUpMs: 500, measureMs: 2_000 };
/** An entry with its share of the frame is less than this. */
const ENTRY_BYTES = 512;
/** What the smallest rate still needs, whose frames hold one entry each. */
const MIN_ZEROED_BYTES = 16 * 2 ** 20;

interface Percentiles {
  readonly due50: number;
  readonly due99: number;
  readonly dueMax: number;
  readonly offer50: number;
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
      const compare = (what: string, key: keyof Percentiles, reach?: string): Figure =>
        ratio(`${rate}: ours / raw file, ${what}`, sidesOf(ours, rawFile, key), reach);
      ratios.push(
        compare("median", "due50", "<= 2.2"),
        compare("median since offer", "offer50", "<= 2.2"),
        compare("p99", "due99", "<= 2.5"),
      );
      for (const [side, results] of [
        ["ours", ours],
        ["raw file", rawFile],
      ] as const) {
        const show = (what: string, key: keyof Percentiles): Figure =>
          figure(
            `${rate}: ${side}, ${what}`,
            key === "refused" ? "drafts" : "ms",
            results.map((result) => result[key]),
          );
        figures.push(
          show("median", "due50"),
          show("p99", "due99"),
          show("max", "dueMax"),
          show("median since offer", "offer50"),
          show("refused, queue full", "refused"),
        );
      }
    }
    return { ratios, figures };
  },
};

function sidesOf(
  ours: readonly Percentiles[],
  theirs: readonly Percentiles[],
  key: keyof Percentiles,
): { readonly of: readonly number[]; readonly over: readonly number[] } {
  return { of: ours.map((result) => result[key]), over: theirs.map((result) => result[key]) };
}

function measureAt(
  perSecond: number,
  { rounds, folder }: Context,
): Promise<Record<"ours" | "rawFile", Percentiles[]>> {
  const entries = (perSecond * (SPAN.warmUpMs + SPAN.measureMs)) / 1000;
  const zeroedBytes = Math.max(MIN_ZEROED_BYTES, entries * ENTRY_BYTES);
  const measure = async (opening: Promise<Pipeline>): Promise<Percentiles> => {
    const pipeline = await opening;
    const { fromDue, fromOffer, refused } = await openLoop(pipeline, { perSecond, ...SPAN });
    await pipeline.close();
    return {
      due50: percentileOf(fromDue, 0.5),
      due99: percentileOf(fromDue, 0.99),
      dueMax: percentileOf(fromDue, 1),
      offer50: percentileOf(fromOffer, 0.5),
      refused,
    };
  };
  return interleaved(rounds, {
    ours: () => measure(lmdbPipeline(folder())),
    rawFile: () => measure(rawFilePipeline(folder(), zeroedBytes)),
  });
}
