import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HaltedError } from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { ScriptedBackend, storedRun } from "./support/scriptedBackend.ts";

const test = suite("recordSnapshotAnchor and halts");

const SNAPSHOT = { blobRef: "cache://1", contentHash: "hash" };
const ACK_STALLED: HaltReason = {
  kind: "backpressure-stall",
  stalledForMs: 50,
  thresholdMs: 50,
  lastDurableSeq: 0,
  lostEntries: 0,
};

test("halts when its acknowledgement stalls: the anchor rejects, later submits too, and one reason is told", async () => {
  const outcome = marbles(({ scheduler, expectObservable, flush }) => {
    const run = memoryRun({
      faults: [{ on: "anchor", never: true }],
      writer: { haltThresholdMs: 50 },
    });
    const anchored = run.recordSnapshotAnchor(SNAPSHOT);
    let later: Promise<unknown> | undefined;
    scheduler.schedule(() => {
      later = run.submit(draftOf(1));
    }, 51);
    expectObservable(run.halt$).toBe("50ms (h|)", { h: ACK_STALLED });
    flush();
    return [anchored, later as Promise<unknown>];
  });
  for (const refused of outcome) {
    const failure = (await failureOf(refused)) as HaltedError;
    assert.is(failure.code, "TIDEMARK_HALTED");
    assert.equal(failure.reason, ACK_STALLED);
  }
});

test("halts when a commit before it stalls, counted from its acceptance", () => {
  marbles(({ scheduler, expectObservable }) => {
    const run = memoryRun({ commitMs: 60, writer: { haltThresholdMs: 50 } });
    run.offer(draftOf(1));
    scheduler.schedule(() => void run.recordSnapshotAnchor(SNAPSHOT), 9);
    scheduler.schedule(() => void run.recordSnapshotAnchor(SNAPSHOT), 20);
    expectObservable(run.halt$).toBe("59ms (h|)", { h: ACK_STALLED });
    expectObservable(run.watermark$).toBe("a 59ms (b|)", { a: 0, b: 1 });
  });
});

test("halts when its submission stalls in line", async () => {
  const outcome = marbles(({ expectObservable, flush }) => {
    const run = memoryRun({
      commitMs: 1_000,
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 50 },
    });
    run.offer(draftOf(1));
    run.offer(draftOf(2));
    const anchored = run.recordSnapshotAnchor(SNAPSHOT);
    expectObservable(run.halt$).toBe("50ms (h|)", { h: ACK_STALLED });
    flush();
    return { anchored, later: run.submit(draftOf(3)) };
  });
  assert.is((await failureOf(outcome.anchored)).code, "TIDEMARK_HALTED");
  assert.is((await failureOf(outcome.later)).code, "TIDEMARK_HALTED");
});

test("each of its two waits has the whole threshold", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({
      commitMs: 40,
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 50 },
    });
    run.offer(draftOf(1));
    run.offer(draftOf(2));
    // In line up to 40, in the queue up to 80.
    void run.recordSnapshotAnchor(SNAPSHOT);
    expectObservable(run.halt$).toBe("");
  });
});

test("is not taken for stalled when it is stored in the same instant", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({
      faults: [{ on: "anchor", stallMs: 50 }],
      writer: { haltThresholdMs: 50 },
    });
    void run.recordSnapshotAnchor(SNAPSHOT);
    expectObservable(run.halt$).toBe("");
  });
});

for (const [title, queueCapacity, appends] of [
  ["in line", 1, ["append 1-1", "append 2-2"]],
  ["in the queue", 100, ["append 1-1,2-2"]],
] as const) {
  test(`is rejected and not stored when it is ${title} at a backpressure halt`, async () => {
    const stored = storedRun();
    const outcome = marbles(({ scheduler, flush }) => {
      const backend = new ScriptedBackend(stored);
      const writer = { queueCapacity, maxBatchEntries: 1, haltThresholdMs: 50 };
      const writing = openWriter(backend, { writer });
      for (const item of [1, 2]) writing.offer(draftOf(item));
      const anchored = [1, 2, 3].map(() => writing.recordSnapshotAnchor(SNAPSHOT));
      for (let ms = 60; ms < 65; ms += 1) scheduler.schedule(() => backend.answer(), ms);
      flush();
      return { anchored, calls: backend.calls };
    });
    for (const anchor of outcome.anchored) {
      assert.is((await failureOf(anchor)).code, "TIDEMARK_HALTED");
    }
    assert.equal(outcome.calls, [...appends, "close"]);
    assert.is(stored.anchor, undefined);
  });
}

test("is rejected and not stored when the backend fails before it", async () => {
  const run = memoryRun({ commitMs: 1, faults: [{ at: 1, fail: "disk" }] });
  run.offer(draftOf(1));
  const failure = (await failureOf(run.recordSnapshotAnchor(SNAPSHOT))) as HaltedError;
  assert.is(failure.reason.kind, "backend-disk");
});

test("rejects once when it is on its way at a halt and is stored after it", async () => {
  const stored = storedRun();
  const outcome = marbles(({ scheduler, flush }) => {
    const backend = new ScriptedBackend(stored);
    const writing = openWriter(backend, { writer: { haltThresholdMs: 50 } });
    const anchored = writing.recordSnapshotAnchor(SNAPSHOT);
    scheduler.schedule(() => backend.answer(), 60);
    scheduler.schedule(() => backend.answer(), 61);
    let isDone = false;
    writing.watermark$.subscribe({ complete: () => (isDone = true) });
    flush();
    assert.is(isDone, true);
    return anchored;
  });
  assert.is((await failureOf(outcome)).code, "TIDEMARK_HALTED");
});

test.run();
