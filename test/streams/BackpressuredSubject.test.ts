import { concatMap, of, tap, timer } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { InvalidConfigError, OverflowError } from "../../src/model/errors.ts";
import { BackpressuredSubject } from "../../src/streams/BackpressuredSubject.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { thrownBy } from "./support/failureOf.ts";
import { BYTES, subjectOf } from "./support/subjectOf.ts";

const test = suite("BackpressuredSubject");

test("passes values on at once while there is credit", () => {
  const { subject, passed } = subjectOf({ capacity: 2 });
  assert.is(subject.offer(1), true);
  subject.next(2);
  assert.equal(passed, [1, 2]);
});

test("refuses an offer without credit and keeps nothing of it", () => {
  const { subject, passed } = subjectOf({ capacity: 1 });
  subject.offer(1);
  assert.is(subject.offer(2), false);
  subject.release(1);
  assert.equal(passed, [1]);
  assert.is(subject.offer(3), true);
});

test("passes the line on in order of arrival as credit comes back", () => {
  const { subject, passed } = subjectOf({ capacity: 2 });
  for (let value = 1; value <= 6; value += 1) subject.next(value);
  assert.equal(passed, [1, 2]);
  subject.release(1);
  assert.equal(passed, [1, 2, 3]);
  subject.release(2);
  assert.equal(passed, [1, 2, 3, 4, 5]);
});

test("refuses an offer while anyone is in line, credit or not", () => {
  const { subject, passed } = subjectOf({ ...BYTES, capacityBytes: 10 });
  subject.next(8);
  subject.next(5);
  assert.is(subject.offer(1), false);
  subject.release(1, 8);
  assert.is(subject.offer(1), true);
  assert.equal(passed, [8, 5, 1]);
});

test("keeps a small value behind a large one that has no room yet", () => {
  const { subject, passed } = subjectOf({ ...BYTES, capacityBytes: 10 });
  subject.next(8);
  subject.next(7);
  subject.next(1);
  assert.equal(passed, [8]);
  subject.release(1, 8);
  assert.equal(passed, [8, 7, 1]);
});

test("passes a value larger than all bytes on when it is the only one", () => {
  const { subject, passed } = subjectOf({ ...BYTES, capacityBytes: 10 });
  subject.next(3);
  subject.next(50);
  assert.equal(passed, [3]);
  subject.release(1, 3);
  assert.equal(passed, [3, 50]);
  assert.is(subject.offer(0), false);
  subject.release(1, 50);
  assert.is(subject.offer(50), true);
});

test("throws a typed error when the line is full by count, and keeps nothing of the value", () => {
  const { subject, passed } = subjectOf({ capacity: 1, maxWaiting: 1 });
  subject.next(1);
  subject.next(2);
  const failure = thrownBy(() => subject.next(3)) as OverflowError;
  assert.is(failure.code, "TIDEMARK_OVERFLOW");
  assert.is(failure.maxWaiting, 1);
  assert.not("maxWaitingBytes" in failure);
  assert.is(failure.message, "The line is full: 1 are waiting");
  subject.release(1);
  subject.release(1);
  assert.equal(passed, [1, 2]);
});

test("throws when the line is full by bytes", () => {
  const { subject, passed } = subjectOf({ ...BYTES, capacityBytes: 10, maxWaitingBytes: 5 });
  subject.next(10);
  subject.next(5);
  const failure = thrownBy(() => subject.next(1)) as OverflowError;
  assert.is(failure.code, "TIDEMARK_OVERFLOW");
  assert.equal([failure.maxWaiting, failure.maxWaitingBytes], [100_000, 5]);
  assert.is(failure.message, "The line is full: no more than 5 bytes may wait");
  subject.release(1, 10);
  subject.next(5);
  subject.next(5);
  assert.is(thrownBy(() => subject.next(1)).code, "TIDEMARK_OVERFLOW");
  assert.equal(passed, [10, 5, 5]);
});

test("has no line where maxWaiting is 0", () => {
  const { subject } = subjectOf({ capacity: 1, maxWaiting: 0 });
  subject.next(1);
  assert.is(thrownBy(() => subject.next(2)).code, "TIDEMARK_OVERFLOW");
});

test("refuses to be released more than is out", () => {
  const { subject } = subjectOf({ ...BYTES, capacityBytes: 10 });
  subject.next(4);
  for (const [count, bytes, option] of [
    [2, 0, "count"],
    [-1, 0, "count"],
    [0.5, 0, "count"],
    [1, 5, "bytes"],
    [1, -1, "bytes"],
  ] as const) {
    const failure = thrownBy(() => subject.release(count, bytes)) as InvalidConfigError;
    assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
    assert.is(failure.option, option);
  }
  subject.release(1, 4);
  assert.is(thrownBy(() => subject.release(1)).code, "TIDEMARK_INVALID_CONFIG");
});

for (const [option, value] of [
  ["capacity", 0],
  ["capacity", 1.5],
  ["maxWaiting", -1],
  ["capacityBytes", 0],
  ["maxWaitingBytes", -1],
  ["stallAfterMs", 0],
  ["stallAfterMs", 2 ** 31],
  ["scheduler", {}],
  ["sizeOf", 5],
] as const) {
  test(`refuses ${option} ${JSON.stringify(value)}`, () => {
    const failure = thrownBy(
      () => new BackpressuredSubject({ capacity: 1, [option]: value }),
    ) as InvalidConfigError;
    assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
    assert.is(failure.option, option);
    assert.is(failure.value, value);
  });
}

for (const size of [Number.NaN, -1, 0.5, Infinity, "5", undefined]) {
  test(`refuses a value of size ${String(size)}, and keeps nothing of it`, () => {
    const { subject, passed } = subjectOf({ ...BYTES, sizeOf: () => size as number });
    for (const call of ["offer", "next", "complete"] as const) {
      const failure = thrownBy(() => subject[call](1)) as InvalidConfigError;
      assert.equal([failure.code, failure.option], ["TIDEMARK_INVALID_CONFIG", "sizeOf"]);
    }
    assert.equal(passed, []);
    subject.complete();
    assert.equal(passed, ["|"]);
  });
}

for (const [count, bytes, option] of [
  [Number.NaN, 0, "count"],
  ["1", 0, "count"],
  [1, Number.NaN, "bytes"],
  [1, null, "bytes"],
] as const) {
  test(`refuses a release of ${count} values and ${bytes} bytes`, () => {
    const { subject } = subjectOf({ ...BYTES });
    subject.next(5);
    const failure = thrownBy(() => subject.release(count as never, bytes as never));
    assert.is((failure as InvalidConfigError).option, option);
  });
}

test("completes at once when nobody is in line, and takes nothing more", () => {
  const { subject, passed, levels } = subjectOf({ capacity: 2 });
  subject.next(1);
  subject.complete();
  assert.is(subject.offer(2), false);
  subject.next(3);
  assert.equal(passed, [1, "|"]);
  assert.equal(levels.at(-1), "rising 1 0");
  subject.release(1);
  assert.equal(levels.at(-1), "|");
});

test("completes once the line is empty", () => {
  const { subject, passed } = subjectOf({ capacity: 1 });
  subject.next(1);
  subject.next(2);
  subject.complete();
  subject.complete();
  assert.equal(passed, [1]);
  subject.release(1);
  assert.equal(passed, [1, 2, "|"]);
});

test("gives a last value its place behind the line, even where the line is full", () => {
  const { subject, passed } = subjectOf({ capacity: 1, maxWaiting: 1 });
  subject.next(1);
  subject.next(2);
  subject.complete(3);
  subject.release(1);
  assert.equal(passed, [1, 2]);
  subject.release(1);
  assert.equal(passed, [1, 2, 3, "|"]);
});

test("passes a last value on at once where there is room", () => {
  const { subject, passed } = subjectOf({ capacity: 2 });
  subject.complete(1);
  assert.equal(passed, [1, "|"]);
});

test("gives back what was in line when it is cleared, and goes on", () => {
  const { subject, passed, levels } = subjectOf({ capacity: 1 });
  for (const value of [1, 2, 3]) subject.next(value);
  assert.equal(subject.clearWaiting(), [2, 3]);
  assert.equal(subject.clearWaiting(), []);
  assert.is(levels.at(-1), "rising 1 0");
  subject.release(1);
  assert.is(subject.offer(4), true);
  assert.equal(passed, [1, 4]);
});

test("gives the bytes of a cleared line back", () => {
  const { subject } = subjectOf({ ...BYTES, capacityBytes: 1, maxWaitingBytes: 5 });
  subject.next(1);
  subject.next(5);
  subject.clearWaiting();
  subject.next(5);
  assert.equal(subject.clearWaiting(), [5]);
});

test("completes when its line is cleared after complete", () => {
  const { subject, passed } = subjectOf({ capacity: 1 });
  subject.next(1);
  subject.next(2);
  subject.complete();
  subject.clearWaiting();
  assert.equal(passed, [1, "|"]);
});

test("passes a long line on to a consumer that releases at once, without a stack as long", () => {
  const subject = new BackpressuredSubject<number>({ capacity: 1 });
  let passed = 0;
  let isOpen = false;
  subject.subscribe(() => {
    passed += 1;
    if (isOpen) subject.release(1);
  });
  for (let value = 0; value < 50_000; value += 1) subject.next(value);
  isOpen = true;
  subject.release(1);
  assert.is(passed, 50_000);
});

test("paces a slow consumer on its own, without losing or reordering anything", () => {
  marbles(({ cold, expectObservable }) => {
    const subject = new BackpressuredSubject<string>({ capacity: 1, maxWaiting: 3 });
    const sent = subject.asObservable().pipe(
      concatMap((value) => timer(2).pipe(concatMap(() => of(value)))),
      tap(() => subject.release(1)),
    );
    expectObservable(sent).toBe("--a-b-c-(d|)");
    cold("(abcd|)").subscribe({
      next: (value) => subject.next(value),
      complete: () => subject.complete(),
    });
  });
});

test.run();
