import { do_not_optimize } from "mitata";
import { bufferTime, Subject } from "rxjs";
import { bufferTimeOrCount } from "../../src/operators/bufferTimeOrCount.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { nsPerItem } from "../batching.ts";
import { closedLoop, type ClosedLoopConfig, type ClosedLoopResult } from "../closedLoop.ts";
import { BATCH_ENTRIES, draftOf } from "../drafts.ts";
import { interleaved, nsPerCall } from "../harness.ts";
import { openLoop } from "../openLoop.ts";
import { literalPipeline, lmdbPipeline, type Pipeline, rawFilePipeline } from "../pipelines.ts";
import { hashesPerSecond, perSecond, scanned } from "../reading.ts";
import { withPipeline } from "../withPipeline.ts";
import type { Probe } from "./judge.ts";

/** What a probe is given: how often, and where. */
interface ProbeContext {
  readonly rounds: number;
  readonly folder: () => string;
}

/** Speeds of two sides, round by round. */
interface Sides {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** A probe with the program that takes it: a short form of a benchmark. */
export interface Measurement extends Probe {
  measure(context: ProbeContext): Promise<Readonly<Record<string, Sides>>>;
}

const MIB = 2 ** 20;
const SATURATED = { outstanding: 10_000, warmUpEntries: 50_000, entries: 150_000 };
/** It takes several times as long for the same. */
const LITERAL = { outstanding: 10_000, warmUpEntries: 10_000, entries: 50_000 };
const ONE_BY_ONE = { outstanding: BATCH_ENTRIES, warmUpEntries: 5_000, entries: 15_000 };
const RECORDED = { outstanding: 10_000, warmUpEntries: 0, entries: 200_000 };
const OPEN_LOOP = { perSecond: 10_000, warmUpMs: 300, measureMs: 700 };
const WORK_CALLS = 200_000;

/** All ratios that are guarded. */
export const PROBES: readonly Measurement[] = [
  {
    name: "saturated",
    rounds: 5,
    async measure({ rounds, folder }) {
      const { ours, literal, raw, work } = await interleaved(rounds, {
        ours: () => closed(lmdbPipeline(folder()), SATURATED),
        literal: () => closed(literalPipeline(folder()), LITERAL),
        raw: () => closed(rawFilePipeline(folder(), 128 * MIB), SATURATED),
        work: () => ({ entriesPerSecond: Number.NaN, nsPerOffer: fixedWorkNs() }),
      });
      return {
        "saturated: speed of ours / of the literal pipeline": {
          ours: ratesOf(ours),
          theirs: ratesOf(literal),
        },
        "saturated: speed of ours / of the same into a zeroed file": {
          ours: ratesOf(ours),
          theirs: ratesOf(raw),
        },
        "saturated: speed of a call of offer / of a fixed piece of work": {
          ours: ours.map(({ nsPerOffer }) => 1 / nsPerOffer),
          theirs: work.map(({ nsPerOffer }) => 1 / nsPerOffer),
        },
      };
    },
  },
  {
    name: "oneCommit",
    rounds: 9,
    async measure({ rounds, folder }) {
      const { ours, raw } = await interleaved(rounds, {
        ours: () => closed(lmdbPipeline(folder()), ONE_BY_ONE),
        raw: () => closed(rawFilePipeline(folder(), 0), ONE_BY_ONE),
      });
      return {
        "100 outstanding: speed of ours / of the same into a growing file": {
          ours: ratesOf(ours),
          theirs: ratesOf(raw),
        },
      };
    },
  },
  {
    name: "latency",
    rounds: 7,
    async measure({ rounds, folder }) {
      const { ours, raw } = await interleaved(rounds, {
        ours: () => inverseLatency(lmdbPipeline(folder())),
        raw: () => inverseLatency(rawFilePipeline(folder(), 32 * MIB)),
      });
      return {
        "10 k/s, 1 / median latency: ours / the same into a zeroed file": { ours, theirs: raw },
      };
    },
  },
  {
    name: "batching",
    rounds: 15,
    async measure({ rounds }) {
      const variants = {
        ours: () => 1 / nsPerItem(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 100 })),
        theirs: () => 1 / nsPerItem(bufferTime(5, null, 100)),
      };
      await interleaved(2, variants);
      return {
        "batching: speed of ours / of rxjs bufferTime": await interleaved(rounds, variants),
      };
    },
  },
  {
    name: "scan",
    rounds: 7,
    async measure({ rounds, folder }) {
      const directory = folder();
      const run = await openRun({ directory });
      await closedLoop(run, RECORDED);
      await run.abandon();
      const variants = {
        ours: () => perSecond(() => scanned(directory)),
        theirs: hashesPerSecond,
      };
      await interleaved(1, variants);
      return { "scan: speed of ours / of hashing alone": await interleaved(rounds, variants) };
    },
  },
];

function closed(
  opening: Pipeline | Promise<Pipeline>,
  config: ClosedLoopConfig,
): Promise<ClosedLoopResult> {
  return withPipeline(opening, (pipeline) => closedLoop(pipeline, config));
}

function ratesOf(results: readonly ClosedLoopResult[]): readonly number[] {
  return results.map(({ entriesPerSecond }) => entriesPerSecond);
}

function inverseLatency(opening: Promise<Pipeline>): Promise<number> {
  return withPipeline(opening, async (pipeline) => {
    const { heard } = await openLoop(pipeline, { ...OPEN_LOOP, isExact: true });
    return 1 / heard.percentiles().p50Us;
  });
}

/** What recording cannot do without: copy a payload, look at the clock, pass a value on. */
function fixedWorkNs(): number {
  const items = new Subject<Uint8Array>();
  const reading = items.subscribe({ next: (item) => do_not_optimize(item) });
  const ns = nsPerCall(WORK_CALLS, (call) => {
    do_not_optimize(process.hrtime.bigint());
    // Not `slice`: of a Buffer that is a view.
    items.next(new Uint8Array(draftOf(call).payload as Uint8Array));
  });
  reading.unsubscribe();
  return ns;
}
