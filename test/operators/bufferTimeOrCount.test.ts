import {
  NEVER,
  queueScheduler,
  range,
  Subject,
  Subscription,
  take,
  tap,
  VirtualTimeScheduler,
} from "rxjs";
import type { SchedulerLike } from "rxjs";
import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InvalidConfigError } from "../../src/model/errors.ts";
import { bufferTimeOrCount } from "../../src/operators/bufferTimeOrCount.ts";
import type { BufferTimeOrCountConfig } from "../../src/operators/bufferTimeOrCount.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { operatorLaws } from "../../src/testing/operatorLaws.ts";
import { countingScheduler } from "../support/countingScheduler.ts";

const test = suite("bufferTimeOrCount");

const BOOM = new Error("boom");

test("opens a window with the first item and closes it on age or on count", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold("a-b--------c-d-e-f---|   ");
    const subs = "       ^--------------------!   ";
    //                   -----!     ----!-----       each window may last 5 ms
    const expected = "   -----x---------y-----(z|)";
    const result = source.pipe(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 3 }));
    expectObservable(result).toBe(expected, { x: ["a", "b"], y: ["c", "d", "e"], z: ["f"] });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("does not extend a window by later items", () => {
  marbles(({ hot, expectObservable }) => {
    const source = hot("--abcdefg---");
    const expected = "  -----x---y--";
    const result = source.pipe(bufferTimeOrCount({ maxWaitMs: 3, maxCount: 100 }));
    expectObservable(result).toBe(expected, { x: ["a", "b", "c", "d"], y: ["e", "f", "g"] });
  });
});

test("gathers what comes in one instant when maxWaitMs is 0", () => {
  marbles(({ cold, expectObservable }) => {
    const source = cold("(abc)-d-|");
    const expected = "   x-----y-|";
    const result = source.pipe(bufferTimeOrCount({ maxWaitMs: 0, maxCount: 100 }));
    expectObservable(result).toBe(expected, { x: ["a", "b", "c"], y: ["d"] });
  });
});

test("closes once when the count is reached in the instant of the timer, before it", () => {
  marbles(({ hot, expectObservable }) => {
    const source = hot("--ab-c---d----");
    //                    ---!   ---!
    const expected = "  -----x------y-";
    const result = source.pipe(bufferTimeOrCount({ maxWaitMs: 3, maxCount: 3 }));
    expectObservable(result).toBe(expected, { x: ["a", "b", "c"], y: ["d"] });
  });
});

test("opens a new window with an item that comes in the instant of the timer, after it", () => {
  marbles(({ expectObservable, scheduler }) => {
    const source = new Subject<string>();
    const expected = "-----x--y-";
    const result = source.pipe(bufferTimeOrCount({ maxWaitMs: 3, maxCount: 3 }));
    expectObservable(result).toBe(expected, { x: ["a", "b"], y: ["c"] });
    scheduler.schedule(() => {
      for (const item of ["a", "b"]) source.next(item);
      // Scheduled later than the timer for the same frame: it runs after it.
      scheduler.schedule(() => source.next("c"), 3);
    }, 2);
  });
});

for (const [name, end] of [
  ["completion", "|"],
  ["an error", "#"],
] as const) {
  test(`emits the remainder before ${name} and cancels its timer`, () => {
    marbles(({ cold, expectObservable, flush, scheduler }) => {
      const counting = countingScheduler(scheduler);
      const source = cold(`a-bc-${end}   `, undefined, BOOM);
      const expected = `   --x--(y${end})`;
      const result = source.pipe(
        bufferTimeOrCount({ maxWaitMs: 90, maxCount: 2, scheduler: counting }),
      );
      expectObservable(result).toBe(expected, { x: ["a", "b"], y: ["c"] }, BOOM);
      flush();
      assert.is(counting.scheduled, 2);
      assert.is(counting.open, 0);
      assert.is(scheduler.now(), 5);
    });
  });
}

test("drops the open window and cancels its timer when downstream leaves", () => {
  marbles(({ cold, expectObservable, expectSubscriptions, flush, scheduler }) => {
    const counting = countingScheduler(scheduler);
    const source = cold("ab-c-----");
    const subs = "       ^---!    ";
    const expected = "   -x-------";
    const result = source.pipe(
      bufferTimeOrCount({ maxWaitMs: 90, maxCount: 2, scheduler: counting }),
    );
    expectObservable(result, subs).toBe(expected, { x: ["a", "b"] });
    expectSubscriptions(source.subscriptions).toBe(subs);
    flush();
    assert.is(counting.scheduled, 2);
    assert.is(counting.open, 0);
    assert.is(scheduler.now(), 4);
  });
});

test("has one timer a batch and none while no window is open", () => {
  marbles(({ hot, flush, scheduler }) => {
    const counting = countingScheduler(scheduler);
    const open: number[] = [];
    hot("-----ab------cdef---")
      .pipe(bufferTimeOrCount({ maxWaitMs: 3, maxCount: 3, scheduler: counting }))
      .subscribe();
    for (const frame of [4, 5, 6, 9, 12, 13, 15, 16, 19, 1000]) {
      scheduler.schedule(() => scheduler.schedule(() => open.push(counting.open)), frame);
    }
    flush();
    assert.equal(open, [0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
    assert.is(counting.scheduled, 3);
  });
});

test("needs no timer for batches of one", () => {
  const counting = countingScheduler(new VirtualTimeScheduler());
  const batches: number[][] = [];
  range(1, 3)
    .pipe(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 1, scheduler: counting }))
    .subscribe((batch) => batches.push(batch));
  assert.equal(batches, [[1], [2], [3]]);
  assert.is(counting.scheduled, 0);
});

test("takes all time from the scheduler given, outside run mode too", () => {
  const scheduler = new VirtualTimeScheduler();
  const source = new Subject<string>();
  const log: unknown[] = [];
  source
    .pipe(bufferTimeOrCount({ maxWaitMs: 1000, maxCount: 9, scheduler }))
    .subscribe((batch) => log.push([scheduler.now(), batch]));
  for (const [at, item] of [
    [10, "a"],
    [500, "b"],
    [2000, "c"],
  ] as const) {
    scheduler.schedule(() => source.next(item), at);
  }
  scheduler.flush();
  assert.equal(log, [
    [1010, ["a", "b"]],
    [3000, ["c"]],
  ]);
});

test("stands a scheduler that runs its work at once", () => {
  const atOnce: SchedulerLike = {
    now: () => 0,
    schedule: (work) => {
      work.call(undefined as never, undefined as never);
      return Subscription.EMPTY;
    },
  };
  for (const scheduler of [atOnce, queueScheduler]) {
    const source = new Subject<number>();
    const batches: number[][] = [];
    source.pipe(bufferTimeOrCount({ maxWaitMs: 0, maxCount: 2, scheduler })).subscribe((batch) => {
      batches.push(batch);
      if (batches.length < 3) source.next(batches.length);
    });
    source.next(0);
    source.next(9);
    assert.equal(batches, [[0], [1], [2], [9]]);
  }
});

test("keeps hold of a window's timer, though one before it ran at once", () => {
  const virtual = new VirtualTimeScheduler();
  const counting = countingScheduler(virtual);
  let isFirst = true;
  const scheduler: SchedulerLike = {
    now: () => virtual.now(),
    schedule: (work, delay) => {
      if (!isFirst) return counting.schedule(work as () => void, delay);
      isFirst = false;
      work.call(undefined as never, undefined as never);
      return Subscription.EMPTY;
    },
  };
  const source = new Subject<number>();
  const batches: number[][] = [];
  source.pipe(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 2, scheduler })).subscribe((batch) => {
    batches.push(batch);
    if (batches.length === 1) source.next(2);
  });
  source.next(1);
  assert.is(counting.open, 1);
  source.next(3);
  assert.equal(batches, [[1], [2, 3]]);
  assert.is(counting.open, 0);
});

test("gives an item that is pushed from within next a batch and a timer of its own", () => {
  marbles(({ expectObservable, scheduler }) => {
    const source = new Subject<string>();
    const expected = "-x--y-------z";
    const result = source.pipe(
      bufferTimeOrCount<string>({ maxWaitMs: 3, maxCount: 2 }),
      tap((batch) => {
        if (batch.includes("b")) source.next("c");
      }),
    );
    expectObservable(result).toBe(expected, { x: ["a", "b"], y: ["c"], z: ["d"] });
    for (const [at, item] of [
      [0, "a"],
      [1, "b"],
      [9, "d"],
    ] as const) {
      scheduler.schedule(() => source.next(item), at);
    }
  });
});

test("pulls no more of a synchronous source than downstream takes", () => {
  const batches: number[][] = [];
  let pulled = 0;
  range(0, 1e6)
    .pipe(
      tap(() => (pulled += 1)),
      bufferTimeOrCount({ maxWaitMs: 5, maxCount: 3 }),
      take(2),
    )
    .subscribe((batch) => batches.push(batch));
  assert.equal(batches, [
    [0, 1, 2],
    [3, 4, 5],
  ]);
  assert.is(pulled, 6);
});

test("errors, after the open batch, where the scheduler throws", () => {
  const failure = new Error("no timers left");
  const scheduler: SchedulerLike = {
    now: () => 0,
    schedule: () => {
      throw failure;
    },
  };
  const source = new Subject<number>();
  const told: unknown[] = [];
  source.pipe(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 2, scheduler })).subscribe({
    next: (batch) => told.push(batch),
    error: (reason) => told.push(reason),
  });
  source.next(1);
  assert.equal(told, [[1], failure]);
  assert.not(source.observed);
});

operatorLaws({
  name: "closing on age",
  operator: () => bufferTimeOrCount({ maxWaitMs: 5, maxCount: 100 }),
  test,
});

operatorLaws({
  name: "closing on count",
  operator: () => bufferTimeOrCount({ maxWaitMs: 50, maxCount: 2 }),
  test,
});

operatorLaws({
  name: "with a closeOn that never fires",
  operator: () => bufferTimeOrCount({ maxWaitMs: 5, maxCount: 3, closeOn: NEVER }),
  test,
});

for (const [option, values] of [
  ["maxWaitMs", [-1, 0.5, 2_147_483_648, Number.NaN, Infinity, "5", undefined]],
  ["maxCount", [0, -1, 1.5, Number.NaN, Infinity, "5", undefined]],
  ["closeOn", [5, {}, null]],
  ["scheduler", [{}, null, 5, { now: () => 0 }]],
] as const) {
  for (const value of values) {
    test(`refuses ${option} ${inspect(value)} when it is made`, () => {
      const config = { maxWaitMs: 5, maxCount: 5, [option]: value } as BufferTimeOrCountConfig;
      try {
        bufferTimeOrCount(config);
      } catch (error) {
        assert.instance(error, InvalidConfigError);
        assert.is((error as InvalidConfigError).option, option);
        return;
      }
      assert.unreachable();
    });
  }
}

test.run();
