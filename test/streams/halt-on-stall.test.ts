import { asyncScheduler } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HaltedError } from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { watched } from "./support/watched.ts";

const test = suite("a halt on a stall of the line");

/** One entry with the backend, one in the queue, and no patience. */
const WRITER = { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 50 };
const STALLED: HaltReason = {
  kind: "backpressure-stall",
  stalledForMs: 50,
  thresholdMs: 50,
  lastDurableSeq: 0,
  lostEntries: 0,
};

test("halts once the oldest in line has waited for the threshold, tells once, and takes nothing more", async () => {
  const outcome = marbles(({ scheduler, expectObservable, flush }) => {
    const run = memoryRun({ faults: [{ at: 1, stallMs: 4_000 }], writer: WRITER });
    for (const item of [1, 2]) run.offer(draftOf(item));
    const third = run.submit(draftOf(3));
    expectObservable(run.halt$).toBe("50ms (h|)", { h: STALLED });
    let later: Promise<unknown> | undefined;
    scheduler.schedule(() => {
      later = run.submit(draftOf(4));
    }, 60);
    flush();
    return { third, later: later as Promise<unknown>, accepted: run.accepted };
  });
  for (const refused of [outcome.third, outcome.later]) {
    const failure = (await failureOf(refused)) as HaltedError;
    assert.is(failure.code, "TIDEMARK_HALTED");
    assert.equal(failure.reason, STALLED);
  }
  assert.is(outcome.accepted, 2);
});

test("counts from the arrival of the oldest, whoever comes later", () => {
  marbles(({ scheduler, expectObservable }) => {
    const run = memoryRun({ commitMs: 4_000, writer: WRITER });
    for (const item of [1, 2]) run.offer(draftOf(item));
    for (const ms of [7, 30, 49]) {
      scheduler.schedule(() => run.submissions.next(draftOf(ms)), ms);
    }
    expectObservable(run.halt$).toBe("57ms (h|)", { h: STALLED });
  });
});

test("does not halt while the line moves on in time", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 24, writer: WRITER });
    for (let item = 0; item < 4; item += 1) run.submissions.next(draftOf(item));
    expectObservable(run.halt$).toBe("");
    expectObservable(run.watermark$).toBe("a 23ms b 23ms c 23ms d 23ms e", {
      a: 0,
      b: 1,
      c: 2,
      d: 3,
      e: 4,
    });
  });
});

test("does not halt for a full queue that nobody waits for", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 1_000, writer: WRITER });
    for (let item = 0; item < 4; item += 1) run.offer(draftOf(item));
    expectObservable(run.halt$).toBe("");
  });
});

test("does not take a commit that comes back in the same instant for a stall", () => {
  marbles(({ scheduler, expectObservable }) => {
    const run = memoryRun({ commitMs: 50, writer: WRITER });
    scheduler.schedule(() => {
      // The line's timer starts before the commit's.
      for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    }, 0);
    expectObservable(run.halt$).toBe("");
  });
});

test("commits what was accepted and drops nothing of it: four stand when the backend is back", () => {
  marbles(({ scheduler, expectObservable, flush }) => {
    const writer = { queueCapacity: 2, maxBatchEntries: 1, haltThresholdMs: 30 };
    const run = memoryRun({ faults: [{ at: 1, stallMs: 500 }], writer });
    for (const tsInit of [10n, 11n, 12n, 13n, 14n]) {
      run.submissions.next({ topic: "t", payloadType: "T", payload: "", tsInit });
    }
    expectObservable(run.halt$).toBe("30ms (h|)", {
      h: { ...STALLED, stalledForMs: 30, thresholdMs: 30 },
    });
    expectObservable(run.watermark$).toBe("a 499ms (bc|)", { a: 0, b: 2, c: 4 });
    const times: bigint[] = [];
    scheduler.schedule(() => {
      run.entries$({ live: true }).subscribe(({ tsInit }) => times.push(tsInit));
    }, 499);
    flush();
    assert.equal(times, [10n, 11n, 12n, 13n]);
    assert.is(run.manifest.status, "running");
  });
});

test("resolves the appends that were accepted, once they are durable, and rejects the line at once", async () => {
  const log: string[] = [];
  const appends = marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 200, writer: WRITER });
    for (const item of [1, 2, 3]) {
      run.append$(draftOf(item)).subscribe({
        next: (seq) => log.push(`${asyncScheduler.now()} ${item} is ${seq}`),
        error: ({ code }) => log.push(`${asyncScheduler.now()} ${item} ${code}`),
      });
    }
    flush();
    return run;
  });
  assert.equal(log, ["50 3 TIDEMARK_HALTED", "200 1 is 1", "400 2 is 2"]);
  assert.is(appends.watermark, 2);
});

test("gives no second reason when the drain fails: appends reject, watermark$ completes", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      commitMs: 100,
      faults: [{ at: 2, fail: "disk" }],
      writer: WRITER,
    });
    const log = watched(run);
    for (const item of [1, 2, 3]) {
      run.append$(draftOf(item)).subscribe({
        next: (seq) => log.push(`append ${seq}`),
        error: ({ code, reason }) => log.push(`append ${code} ${reason.kind}`),
      });
    }
    flush();
    assert.equal(
      log.filter((line) => !line.includes(" pressure ")),
      [
        "0 watermark 0 0",
        "50 halt backpressure-stall 0",
        "50 halt |",
        "append TIDEMARK_HALTED backpressure-stall",
        "100 watermark 1 1",
        "100 commit 1..1 1count",
        "append 1",
        "append TIDEMARK_HALTED backpressure-stall",
        "200 watermark |",
        "200 commit |",
      ],
    );
    // The final count of what may be lost.
    assert.is(run.accepted - run.watermark, 1);
  });
});

test("gives up a drain that hangs after commitTimeoutMs, without a second reason", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      faults: [{ at: 1, never: true }],
      writer: { ...WRITER, commitTimeoutMs: 100 },
    });
    const log = watched(run);
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    flush();
    assert.equal(
      log.filter((line) => !line.includes(" pressure ")),
      [
        "0 watermark 0 0",
        "50 halt backpressure-stall 0",
        "50 halt |",
        "100 watermark |",
        "100 commit |",
      ],
    );
  });
});

test("tells the watermark of its instant, though the drain goes on", () => {
  const reason = marbles(({ flush }) => {
    const run = memoryRun({ faults: [{ at: 2, stallMs: 500 }], writer: WRITER });
    let told: HaltReason | undefined;
    run.halt$.subscribe((reason) => (told = reason));
    for (const item of [1, 2, 3, 4]) run.submissions.next(draftOf(item));
    flush();
    assert.is(run.watermark, 3);
    return told;
  });
  assert.equal(reason, { ...STALLED, lastDurableSeq: 1 });
});

test("never tells a stall shorter than the threshold, whatever the clock says", () => {
  const startedAt = Date.now();
  let nowMs = startedAt;
  const reason = marbles(({ scheduler: virtual, flush }) => {
    const scheduler = { now: () => nowMs, schedule: virtual.schedule.bind(virtual) };
    const run = memoryRun({ commitMs: 1_000, scheduler, writer: WRITER });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    virtual.schedule(() => (nowMs -= 3_600_000), 10);
    let told: HaltReason | undefined;
    run.halt$.subscribe((reason) => (told = reason));
    flush();
    return told;
  });
  assert.equal(reason, STALLED);
});

test("does no harm where nobody listens to halt$", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 100, writer: WRITER });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    flush();
    assert.is(run.offer(draftOf(4)), false);
    assert.is(run.watermark, 2);
  });
});

test.run();
