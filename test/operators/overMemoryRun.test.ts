import { takeUntil, tap } from "rxjs";
import type { Observer } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HaltedError, type TidemarkError } from "../../src/model/errors.ts";
import { capture } from "../../src/operators/capture.ts";
import { record } from "../../src/operators/record.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { operatorLaws } from "../../src/testing/operatorLaws.ts";
import { draftOf } from "../support/scriptedWriter.ts";

const test = suite("operators over a memoryRun");

/** The second commit finds the disk full, in frame 6. */
const FULL_DISK = { commitMs: 3, faults: [{ at: 2, fail: "disk" }] } as const;

/** What a stream that errors gave: its items, then the code and the kind of the reason. */
function logOf(log: unknown[]): Observer<unknown> {
  return {
    next: (item) => log.push(item),
    error: (error: TidemarkError) =>
      log.push(error.code, error instanceof HaltedError ? error.reason.kind : undefined),
    complete: () => log.push("complete"),
  };
}

test("record lets items through when the run has committed them", () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const run = memoryRun({ commitMs: 3 });
    const source = cold("ab---c-|     ");
    const subs = "       ^------!     ";
    const expected = "   ---x--y--(z|)";
    const recorded = source.pipe(record(run, draftOf, (item, seq) => [item, seq]));
    expectObservable(recorded).toBe(expected, { x: ["a", 1], y: ["b", 2], z: ["c", 3] });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

test("takeUntil(halt$) is no gate: an item of the instant of the halt passes", () => {
  marbles(({ cold, expectObservable }) => {
    const run = memoryRun(FULL_DISK);
    const source = cold("ab----c--     ");
    const expected = "   ab----(c|)    ";
    const ungated = source.pipe(
      tap((item) => run.submissions.next(draftOf(item))),
      takeUntil(run.halt$),
    );
    expectObservable(ungated).toBe(expected);
  });
});

test("record is a gate: what is not durable at the halt never passes", () => {
  marbles(({ cold, flush, scheduler }) => {
    const run = memoryRun(FULL_DISK);
    const log: unknown[] = [];
    const source = cold("ab----c--");
    source.pipe(record(run, draftOf)).subscribe(logOf(log));
    run.halt$.subscribe(() => log.push(`halt at ${scheduler.now()}`));
    flush();
    assert.equal(log, ["a", "halt at 6", "TIDEMARK_HALTED", "backend-disk"]);
  });
});

test("capture passes items on until the halt", () => {
  marbles(({ cold, flush, scheduler }) => {
    const run = memoryRun(FULL_DISK);
    const log: unknown[] = [];
    const source = cold("ab----c--d");
    source.pipe(capture(run, draftOf)).subscribe(logOf(log));
    run.halt$.subscribe(() => log.push(`halt at ${scheduler.now()}`));
    flush();
    assert.equal(log, ["a", "b", "c", "halt at 6", "TIDEMARK_HALTED", "backend-disk"]);
  });
});

test("record lets nothing through that a stalled run commits after its halt", () => {
  marbles(({ cold, flush }) => {
    const run = memoryRun({
      commitMs: 3,
      faults: [{ at: 1, stallMs: 50 }],
      writer: { queueCapacity: 1, haltThresholdMs: 5 },
    });
    const log: unknown[] = [];
    cold("abc").pipe(record(run, draftOf)).subscribe(logOf(log));
    flush();
    assert.equal(log, ["TIDEMARK_HALTED", "backpressure-stall"]);
    assert.ok(run.watermark > 0);
    assert.is(run.watermark, run.accepted);
  });
});

test("record lets through what a close finds handed in, and refuses the next item", () => {
  marbles(({ cold, flush, scheduler }) => {
    const run = memoryRun({ commitMs: 3 });
    const log: unknown[] = [];
    cold("ab------c").pipe(record(run, draftOf)).subscribe(logOf(log));
    scheduler.schedule(() => void run.close(), 2);
    flush();
    assert.equal(log, ["a", "b", "TIDEMARK_CLOSED", undefined]);
  });
});

for (const commitMs of [0, 4]) {
  operatorLaws({
    name: `record, commits after ${commitMs} ms`,
    operator: () => record(memoryRun({ commitMs }), draftOf),
    test,
  });
  operatorLaws({
    name: `capture, commits after ${commitMs} ms`,
    operator: () => capture(memoryRun({ commitMs }), draftOf),
    test,
  });
}

test.run();
