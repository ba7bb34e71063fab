import { of, Subject, throwError } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bufferTimeOrCount } from "../../src/operators/bufferTimeOrCount.ts";
import { marbles } from "../../src/testing/marbles.ts";

const test = suite("bufferTimeOrCount with closeOn");

const BOOM = new Error("boom");
const LIMITS = { maxWaitMs: 5, maxCount: 3 };

test("closes the open window at each value, and does nothing while none is open", () => {
  marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const closeOn = hot(" -x--x-x-----x---");
    const source = cold("ab-c-------d-e--|");
    const subs = "       ^---------------!";
    const expected = "   -p--q-------r---(s|)";
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn }));
    expectObservable(result).toBe(expected, { p: ["a"], q: ["b", "c"], r: ["d"], s: ["e"] });
    expectSubscriptions(source.subscriptions).toBe(subs);
    expectSubscriptions(closeOn.subscriptions).toBe(subs);
  });
});

test("starts the next window's age anew after a value", () => {
  marbles(({ cold, hot, expectObservable }) => {
    const closeOn = hot(" ---x---------");
    const source = cold("a---b--------");
    //                   ---! -----!
    const expected = "   ---p-----q---";
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn }));
    expectObservable(result).toBe(expected, { p: ["a"], q: ["b"] });
  });
});

test("ignores the completion of closeOn", () => {
  marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const closeOn = hot("  -|         ");
    const closeOnSubs = "  ^!         ";
    const source = cold("  a------b-|  ");
    const subs = "         ^--------!  ";
    const expected = "     -----p---(q|)";
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn }));
    expectObservable(result).toBe(expected, { p: ["a"], q: ["b"] });
    expectSubscriptions(closeOn.subscriptions).toBe(closeOnSubs);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("emits the remainder before the error of closeOn", () => {
  marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
    const closeOn = hot("---#    ", undefined, BOOM);
    const source = cold("ab---c--");
    const subs = "       ^--!    ";
    const expected = "   ---(p#) ";
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn }));
    expectObservable(result).toBe(expected, { p: ["a", "b"] }, BOOM);
    expectSubscriptions(source.subscriptions).toBe(subs);
    expectSubscriptions(closeOn.subscriptions).toBe(subs);
  });
});

test("errors with closeOn while no window is open", () => {
  marbles(({ cold, hot, expectObservable }) => {
    const closeOn = hot("---#", undefined, BOOM);
    const source = cold("----");
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn }));
    expectObservable(result).toBe("---#", undefined, BOOM);
  });
});

test("leaves the source unsubscribed when closeOn fails at once", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold("a-b");
    const closeOn = throwError(() => BOOM);
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn }));
    expectObservable(result).toBe("#", undefined, BOOM);
    expectSubscriptions(source.subscriptions).toBe([]);
  });
});

test("stands a closeOn that emits and completes at once", () => {
  marbles(({ cold, expectObservable }) => {
    const source = cold("ab|    ");
    const expected = "   --(p|) ";
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn: of(1, 2) }));
    expectObservable(result).toBe(expected, { p: ["a", "b"] });
  });
});

test("subscribes to closeOn anew for each subscription", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const closeOn = cold("-x");
    const subs = "        ^-!";
    const source = cold(" a-|");
    const expected = "    -p|";
    const result = source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn }));
    expectObservable(result).toBe(expected, { p: ["a"] });
    expectObservable(result).toBe(expected, { p: ["a"] });
    expectSubscriptions(closeOn.subscriptions).toBe([subs, subs]);
  });
});

test("never emits an empty batch, though closeOn fires from within next", () => {
  const source = new Subject<number>();
  const closeOn = new Subject<void>();
  const batches: number[][] = [];
  source.pipe(bufferTimeOrCount({ ...LIMITS, maxCount: 2, closeOn })).subscribe((batch) => {
    batches.push(batch);
    closeOn.next();
  });
  for (const item of [1, 2, 3, 4]) source.next(item);
  assert.equal(batches, [
    [1, 2],
    [3, 4],
  ]);
});

test("takes nothing more once closeOn has failed, not even from within next", () => {
  const source = new Subject<number>();
  const closeOn = new Subject<void>();
  const log: unknown[] = [];
  source.pipe(bufferTimeOrCount({ ...LIMITS, closeOn })).subscribe({
    next: (batch) => {
      log.push(batch, source.observed);
      source.next(2);
    },
    error: (error: unknown) => log.push(error),
  });
  source.next(1);
  closeOn.error(BOOM);
  assert.equal(log.slice(0, 2), [[1], false]);
  assert.is(log[2], BOOM);
  assert.is(log.length, 3);
});

test("lets downstream leave from within a batch that closeOn closed", () => {
  marbles(({ cold, hot, expectSubscriptions, flush }) => {
    const closeOn = hot("---x--x-");
    const source = cold("ab--cd--");
    const subs = "       ^--!    ";
    const batches: string[][] = [];
    const subscription = source
      .pipe(bufferTimeOrCount({ ...LIMITS, closeOn }))
      .subscribe((batch) => {
        batches.push(batch);
        subscription.unsubscribe();
      });
    expectSubscriptions(source.subscriptions).toBe(subs);
    expectSubscriptions(closeOn.subscriptions).toBe(subs);
    flush();
    assert.equal(batches, [["a", "b"]]);
  });
});

test.run();
