import { AssertionError } from "node:assert";
import { asyncScheduler, map, timer } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DiskError, HaltedError } from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import { marbles } from "../../src/testing/marbles.ts";
import type { MarbleHelpers } from "../../src/testing/marbles.ts";

const test = suite("marbles");

/** The message of the mismatch that a marble test finds. */
function mismatchOf(fn: (helpers: MarbleHelpers) => void): string {
  try {
    marbles(fn);
  } catch (error) {
    assert.instance(error, AssertionError);
    return (error as AssertionError).message;
  }
  throw new Error("The marble test found no mismatch");
}

function overflow(maxWaiting: number): HaltReason {
  return { kind: "overflow", maxWaiting, lastDurableSeq: 0, lostEntries: 0 };
}

test("passes what came as expected, and returns what its function returns", () => {
  const result = marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold("a-b|");
    const subs = "       ^--!";
    const expected = "   x-y|";
    const result = source.pipe(map((letter) => ({ letter })));
    expectObservable(result).toBe(expected, { x: { letter: "a" }, y: { letter: "b" } });
    expectSubscriptions(source.subscriptions).toBe(subs);
    return 7;
  });
  assert.is(result, 7);
});

test("gives the scheduler, whose time is virtual for every RxJS scheduler", () => {
  marbles(({ expectObservable, flush, scheduler }) => {
    expectObservable(timer(90_000).pipe(map(() => scheduler.now()))).toBe("90s (x|)", {
      x: 90_000,
    });
    flush();
    assert.is(asyncScheduler.now(), 90_000);
  });
});

test("tells two errors of one class apart by message", () => {
  mismatchOf(({ cold, expectObservable }) => {
    expectObservable(cold("#", undefined, new Error("a"))).toBe("#", undefined, new Error("b"));
  });
});

test("tells two errors apart by class, code and fields", () => {
  const reason = overflow(1);
  const halted = new HaltedError(reason);
  const others = [
    new Error(halted.message),
    new HaltedError(overflow(2)),
    Object.assign(new Error(halted.message), { name: "HaltedError", reason }),
  ];
  for (const other of others) {
    mismatchOf(({ cold, expectObservable }) => {
      expectObservable(cold("#", undefined, halted)).toBe("#", undefined, other);
    });
  }
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("#", undefined, halted)).toBe("#", undefined, new HaltedError(reason));
  });
});

test("tells two errors apart by cause, and errors that are values or in values", () => {
  const full = new DiskError("full", 28, { cause: new Error("ENOSPC") });
  const other = new DiskError("full", 28, { cause: new Error("EDQUOT") });
  mismatchOf(({ cold, expectObservable }) => {
    expectObservable(cold("#", undefined, full)).toBe("#", undefined, other);
  });
  mismatchOf(({ cold, expectObservable }) => {
    expectObservable(cold("a", { a: full })).toBe("a", { a: other });
  });
  mismatchOf(({ cold, expectObservable }) => {
    expectObservable(cold("a", { a: { errors: [full] } })).toBe("a", { a: { errors: [other] } });
  });
});

test("stands an error that is its own cause", () => {
  const knot = new Error("knot");
  knot.cause = knot;
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold("#", undefined, knot)).toBe("#", undefined, knot);
  });
});

test("lists both sides by frame and marks what differs", () => {
  const message = mismatchOf(({ cold, expectObservable }) => {
    expectObservable(cold("a-(b|)", { a: [1], b: [2, 3] })).toBe("a-b-|", { a: [1], b: [2] });
  });
  assert.is(
    message,
    [
      "The streams differ",
      "  expected:",
      "      0: next [ 1 ]",
      "  >   2: next [ 2 ]",
      "  >   4: complete",
      "  actual:",
      "      0: next [ 1 ]",
      "  >   2: next [ 2, 3 ]",
      "  >   2: complete",
    ].join("\n"),
  );
});

test("lists subscriptions, and says where there was nothing", () => {
  const message = mismatchOf(({ cold, expectSubscriptions }) => {
    expectSubscriptions(cold("a").subscriptions).toBe("-^-!");
  });
  assert.is(
    message,
    [
      "The streams differ",
      "  expected:",
      "  >   subscribed at 1, unsubscribed at 3",
      "  actual:",
      "      nothing",
    ].join("\n"),
  );
});

test.run();
