import { setTimeout as delay } from "node:timers/promises";
import { do_not_optimize } from "mitata";
import { asyncScheduler, bufferTime, identity, type OperatorFunction, Subject } from "rxjs";
import { bufferTimeOrCount } from "../src/operators/bufferTimeOrCount.ts";
import { countingScheduler } from "../test/support/countingScheduler.ts";
import type { Benchmark, Context } from "./Benchmark.ts";
import { figure, interleaved, nsPerCall, ratio } from "./harness.ts";

const ITEMS = 500_000;
const IDLE_MS = 2_000;
/** A round takes milliseconds: more of them cost nothing and say more. */
const ROUNDS_PER_ROUND = 5;

/** The price of the batching operator. */
export const batching: Benchmark = {
  name: "batching",
  question: "What does bufferTimeOrCount cost per item, and what when nothing comes?",
  async run({ rounds }: Context) {
    // Every variant has been through the compiler before the first round counts.
    const variants = {
      bare: () => nsPerItem(identity),
      ours: () => nsPerItem(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 100 })),
      rxjs: () => nsPerItem(bufferTime(5, null, 100)),
    };
    await interleaved(2, variants);
    const { bare, ours, rxjs } = await interleaved(rounds * ROUNDS_PER_ROUND, variants);
    const extraOf = (side: readonly number[]): number[] =>
      side.map((ns, round) => ns - (bare[round] ?? Number.NaN));
    const idle = await timersWhenIdle();
    return {
      ratios: [ratio("ours / rxjs bufferTime(5, null, 100)", { of: ours, over: rxjs }, "<= 1")],
      figures: [
        { ...figure("ours over a bare Subject", "ns/item", extraOf(ours)), reach: "<= 20" },
        figure("rxjs bufferTime over a bare Subject", "ns/item", extraOf(rxjs)),
        figure("bare Subject", "ns/item", bare),
        { ...figure("ours, timers in 2 s without items", "timers", [idle.ours]), reach: "0" },
        figure("rxjs, timers in 2 s without items", "timers", [idle.rxjs]),
      ],
    };
  },
};

export function nsPerItem(operator: OperatorFunction<number, unknown>): number {
  const items = new Subject<number>();
  const reading = items.pipe(operator).subscribe({ next: (value) => do_not_optimize(value) });
  const ns = nsPerCall(ITEMS, (item) => items.next(item));
  reading.unsubscribe();
  return ns;
}

/** Items come, then none: what is scheduled from then on wakes the process for nothing. */
async function timersWhenIdle(): Promise<{ readonly ours: number; readonly rxjs: number }> {
  const schedulers = {
    ours: countingScheduler(asyncScheduler),
    rxjs: countingScheduler(asyncScheduler),
  };
  const items = new Subject<number>();
  const readings = [
    items
      .pipe(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 100, scheduler: schedulers.ours }))
      .subscribe({ next: do_not_optimize }),
    items.pipe(bufferTime(5, null, 100, schedulers.rxjs)).subscribe({ next: do_not_optimize }),
  ];
  for (let item = 0; item < 250; item++) items.next(item);
  await delay(100);
  const before = { ours: schedulers.ours.scheduled, rxjs: schedulers.rxjs.scheduled };
  await delay(IDLE_MS);
  for (const reading of readings) reading.unsubscribe();
  return {
    ours: schedulers.ours.scheduled - before.ours,
    rxjs: schedulers.rxjs.scheduled - before.rxjs,
  };
}
