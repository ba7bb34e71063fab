import { asyncScheduler, Subject } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentHashOf } from "../../src/format/contentHash.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { countingScheduler } from "../support/countingScheduler.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";
import { watched } from "./support/watched.ts";

const test = suite("demand");

test("what is submitted in one turn goes out together at its end, in no time", () => {
  marbles(({ flush }) => {
    const run = memoryRun();
    const log = watched(run);
    for (const item of [1, 2, 3]) run.offer(draftOf(item));
    assert.is(run.watermark, 0);
    flush();
    assert.equal(log.slice(2), ["0 watermark 3 3", "0 commit 1..3 3idle"]);
  });
});

for (const [flushWhenIdle, commits] of [
  [true, ["0 5 2count+2count+1idle"]],
  [false, ["0 4 2count+2count", "5 5 1time"]],
] as const) {
  test(`several batches of one turn go out together at its end, flushWhenIdle ${flushWhenIdle}`, () => {
    marbles(({ flush }) => {
      const run = memoryRun({ writer: { maxBatchEntries: 2, maxBatchWaitMs: 5, flushWhenIdle } });
      const log: string[] = [];
      run.commits$.subscribe(({ toSeq, batches }) => {
        const cut = batches.map(({ entries, closedBy }) => `${entries}${closedBy}`).join("+");
        log.push(`${asyncScheduler.now()} ${toSeq} ${cut}`);
      });
      for (const item of [1, 2, 3, 4, 5]) run.offer(draftOf(item));
      assert.is(run.watermark, 0);
      flush();
      assert.equal(log, commits);
    });
  });
}

test("where the queue has no credit left a turn is not waited for, and as much again fits into it", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 5, writer: { queueCapacity: 3, maxBatchEntries: 2 } });
    const log: string[] = [];
    run.commits$.subscribe(({ batches }) => log.push(batches.map((b) => b.entries).join("+")));
    const taken = [1, 2, 3, 4, 5, 6, 7].map((item) => run.offer(draftOf(item)));
    assert.equal(taken, [true, true, true, true, true, true, false]);
    flush();
    assert.equal(log, ["2+1", "2+1"]);
  });
});

test("a turn that is over while a commit is out closes no batch, and none is asked for then", () => {
  marbles(({ scheduler: virtual, flush }) => {
    const scheduler = countingScheduler(virtual);
    const writer = { queueCapacity: 3, maxBatchEntries: 100, maxBatchWaitMs: 100 };
    const run = memoryRun({ commitMs: 5, scheduler, writer });
    const log: string[] = [];
    run.commits$.subscribe(({ batches }) => log.push(batches.map((b) => b.entries).join("+")));
    // The third one fills the queue, and the sink begins.
    for (const item of [1, 2, 3, 4]) run.offer(draftOf(item));
    virtual.schedule(() => {
      const before = scheduler.scheduled;
      run.offer(draftOf(5));
      assert.is(scheduler.scheduled, before);
    }, 2);
    flush();
    assert.equal(log, ["3", "2"]);
  });
});

test("a batch that may wait for 0 ms goes out in virtual time, too", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 1, writer: { maxBatchWaitMs: 0 } });
    run.offer(draftOf(1));
    expectObservable(run.watermark$).toBe("ab", { a: 0, b: 1 });
  });
});

test("a batch and the anchors of one turn go out at its end, in their order", () => {
  marbles(({ scheduler, flush }) => {
    const backend = new ScriptedBackend();
    const writer = openWriter(backend, { writer: { maxBatchEntries: 1 } });
    writer.offer(draftOf(1));
    void writer.recordSnapshotAnchor({ blobRef: "a", contentHash: contentHashOf(Buffer.of(1)) });
    writer.offer(draftOf(2));
    assert.equal(backend.calls, []);
    scheduler.schedule(() => assert.equal(backend.calls, ["append 1-1"]), 1);
    for (const ms of [2, 3, 4]) scheduler.schedule(() => backend.answer(), ms);
    flush();
    assert.equal(backend.calls, ["append 1-1", "anchor 1", "append 2-2"]);
  });
});

test("a halt takes back the turn that was asked for", () => {
  marbles(({ scheduler: virtual, flush }) => {
    const scheduler = countingScheduler(virtual);
    const failure$ = new Subject<unknown>();
    const backend = Object.assign(new ScriptedBackend(), { failure$ });
    const writer = openWriter(backend, { scheduler });
    writer.offer(draftOf(1));
    failure$.next(new Error("gone"));
    assert.is(scheduler.open, 0);
    flush();
    assert.equal(backend.calls, ["fail"]);
  });
});

test("an entry that comes while a commit is out goes out when it is back", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 3, writer: { maxBatchWaitMs: 1_000 } });
    const log: string[] = [];
    run.commits$.subscribe(({ toSeq, batches }) =>
      log.push(`${asyncScheduler.now()} ${toSeq} ${batches[0]?.closedBy}`),
    );
    for (const ms of [0, 1, 2, 20]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    flush();
    assert.equal(log, ["3 1 idle", "6 3 idle", "23 4 idle"]);
  });
});

test("no entry waits longer than maxBatchWaitMs for a sink that has nothing to do", () => {
  marbles(({ scheduler, expectObservable }) => {
    const run = memoryRun({ writer: { maxBatchWaitMs: 5, flushWhenIdle: false } });
    for (const ms of [0, 10, 11]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    expectObservable(run.watermark$).toBe("a----b---------c", { a: 0, b: 1, c: 3 });
  });
});

test("entries that come while a commit is out are cut by age too, and wait for it together", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 20, writer: { maxBatchWaitMs: 5 } });
    const commits: string[] = [];
    run.commits$.subscribe(({ batches }) =>
      commits.push(batches.map(({ entries, closedBy }) => `${entries}${closedBy}`).join("+")),
    );
    for (const ms of [0, 1, 2, 8, 18]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    flush();
    assert.equal(commits, ["1idle", "2time+1time+1idle"]);
  });
});

test("flushWhenIdle false waits for age, though the sink is idle and comes back", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 3, writer: { maxBatchWaitMs: 5, flushWhenIdle: false } });
    const log: string[] = [];
    run.commits$.subscribe(({ toSeq, batches }) =>
      log.push(`${asyncScheduler.now()} ${toSeq} ${batches[0]?.closedBy}`),
    );
    for (const ms of [0, 7]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    flush();
    assert.equal(log, ["8 1 time", "15 2 time"]);
  });
});

for (const flushWhenIdle of [true, false]) {
  test(`has no timer while there is nothing to do, flushWhenIdle ${flushWhenIdle}`, () => {
    marbles(({ scheduler: virtual, flush }) => {
      const scheduler = countingScheduler(asyncScheduler);
      const run = memoryRun({ commitMs: 2, scheduler, writer: { flushWhenIdle } });
      assert.is(scheduler.scheduled, 0);
      for (const ms of [0, 1, 2, 30]) virtual.schedule(() => run.offer(draftOf(ms)), ms);
      virtual.schedule(() => assert.is(scheduler.open, 0), 25);
      flush();
      assert.is(run.watermark, 4);
      assert.is(scheduler.open, 0);
    });
  });
}

test("uses no other scheduler than the one that is given", () => {
  marbles(({ scheduler: virtual, expectObservable, flush }) => {
    const scheduler = countingScheduler(virtual);
    const run = memoryRun({ commitMs: 2, scheduler });
    run.offer(draftOf(1));
    expectObservable(run.watermark$).toBe("a-b", { a: 0, b: 1 });
    // The end of the turn; the batch's age; then, when it is out, its timeout and the commit.
    assert.is(scheduler.scheduled, 2);
    flush();
    assert.is(scheduler.scheduled, 4);
  });
});

test.run();
