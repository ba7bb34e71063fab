import { openLoop } from "./openLoop.ts";
import { lmdbPipeline } from "./pipelines.ts";
import { withPipeline } from "./withPipeline.ts";

/* Hands entries in at a fixed rate in a process that has done nothing before, and tells the tail of each
 * two seconds. */

/** The tail of the entries that were due in a span of time. */
export type FirstSeconds = readonly {
  readonly fromS: number;
  readonly toS: number;
  readonly p99Us: number;
}[];

const SPANS = 8;
const SPAN = { perSecond: 10_000, warmUpMs: 0, measureMs: 2_000, isExact: true };

const [folder = ""] = process.argv.slice(2);
const spans = await withPipeline(lmdbPipeline(folder), async (pipeline) => {
  const told: FirstSeconds[number][] = [];
  for (let at = 0; at < SPANS; at++) {
    const { heard } = await openLoop(pipeline, SPAN);
    const fromS = (at * SPAN.measureMs) / 1e3;
    told.push({ fromS, toS: fromS + SPAN.measureMs / 1e3, p99Us: heard.percentiles().p99Us });
  }
  return told;
});
process.send?.(spans, () => process.disconnect());
