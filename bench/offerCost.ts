import { asapScheduler, observeOn, ReplaySubject } from "rxjs";
import type { Seq } from "../src/model/entry.ts";
import type { Benchmark, Context } from "./Benchmark.ts";
import { closedLoop } from "./closedLoop.ts";
import { figure, interleaved, percentileOf, ratio } from "./harness.ts";
import { threadCpuNs } from "./machine.ts";
import { openLoop } from "./openLoop.ts";
import { lmdbPipeline, type Pipeline } from "./pipelines.ts";
import { WARM_UP_ENTRIES, WARM_UP_MS } from "./warmUp.ts";
import { withPipeline } from "./withPipeline.ts";

const OPEN_LOOP = { perSecond: 100_000, warmUpMs: WARM_UP_MS, measureMs: 3_000 };
const CLOSED_LOOP = { outstanding: 10_000, warmUpEntries: WARM_UP_ENTRIES, entries: 300_000 };

/** What an entry costs the thread that hands it in. */
interface Cost {
  readonly callNs: number;
  readonly offerNs: number;
  readonly cpuNs: number;
  readonly busyNs: number;
}

/** The price of recording for the thread that trades. */
export const offerCost: Benchmark = {
  name: "offerCost",
  question: "What does an entry of 256 B cost the thread that hands it in?",
  async run({ rounds, folder }: Context) {
    const { ours, nothing } = await interleaved(rounds, {
      ours: async () => costOf(await lmdbPipeline(folder())),
      nothing: () => costOf(nullPipeline()),
    });
    const { saturated } = await interleaved(rounds, {
      saturated: async () => {
        const { nsPerOffer } = await withPipeline(lmdbPipeline(folder()), (pipeline) =>
          closedLoop(pipeline, CLOSED_LOOP),
        );
        return nsPerOffer;
      },
    });
    const clockNs = clockCostNs();
    const callNs = ours.map((cost) => cost.callNs - clockNs);
    const offerNs = ours.map((cost) => cost.offerNs);
    const netOf = (key: keyof Cost): number[] =>
      ours.map((cost, round) => cost[key] - (nothing[round]?.[key] ?? Number.NaN));
    return {
      ratios: [
        ratio("whole CPU of the thread / inside offer", { of: netOf("cpuNs"), over: offerNs }),
      ],
      figures: [
        {
          ...figure("offer at 100 k/s, the median call", "ns", callNs),
          reach: "<= 300",
        },
        figure("offer at 100 k/s, the mean: every 100th call hands a batch over", "ns", offerNs),
        { ...figure("offer saturated, the mean", "ns", saturated), reach: "<= 200" },
        figure(
          "CPU of the thread at 100 k/s, beyond a loop of nothing",
          "ns/entry",
          netOf("cpuNs"),
        ),
        figure("busy event loop at 100 k/s, beyond the same", "ns/entry", netOf("busyNs")),
      ],
    };
  },
};

async function costOf(pipeline: Pipeline): Promise<Cost> {
  const cpuBefore = threadCpuNs();
  const loopBefore = performance.eventLoopUtilization();
  const { nsPerOffer, nsOfCall } = await openLoop(pipeline, OPEN_LOOP);
  const { active } = performance.eventLoopUtilization(loopBefore);
  const cpuNs = threadCpuNs() - cpuBefore;
  await pipeline.close();
  const entries = (OPEN_LOOP.perSecond * (OPEN_LOOP.warmUpMs + OPEN_LOOP.measureMs)) / 1000;
  return {
    callNs: percentileOf(nsOfCall, 0.5),
    offerNs: percentileOf(nsPerOffer, 0.5),
    cpuNs: cpuNs / entries,
    busyNs: (active * 1e6) / entries,
  };
}

/** What two readings of the clock have between them when nothing else is. */
function clockCostNs(): number {
  const costs = Float64Array.from({ length: 100_000 }, () => {
    const at = process.hrtime.bigint();
    return Number(process.hrtime.bigint() - at);
  });
  return percentileOf(costs.toSorted(), 0.5);
}

/** The same loop around nothing: what its timers and bookkeeping cost is not ours. */
function nullPipeline(): Pipeline {
  const watermarks = new ReplaySubject<Seq>(1);
  let accepted = 0;
  return {
    offer: () => {
      accepted += 1;
      if (accepted % 100 === 0) watermarks.next(accepted);
      return true;
    },
    get accepted() {
      return accepted;
    },
    watermark$: watermarks.pipe(observeOn(asapScheduler)),
    close: async () => {},
  };
}
