import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HaltReason } from "../../src/model/halt.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("a halt on a commit that hangs");

const WRITER = { commitTimeoutMs: 100 };
const HUNG: HaltReason = {
  kind: "commit-stall",
  stalledForMs: 100,
  thresholdMs: 100,
  lastDurableSeq: 0,
  lostEntries: 1,
};

test("halts when a commit is out for commitTimeoutMs, though nobody waits in line", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ faults: [{ at: 1, never: true }], writer: WRITER });
    run.offer(draftOf(1));
    expectObservable(run.halt$).toBe("100ms (h|)", { h: HUNG });
    expectObservable(run.watermark$).toBe("a 99ms |", { a: 0 });
    expectObservable(run.commits$).toBe("100ms |");
  });
});

test("counts every commit for itself", () => {
  marbles(({ scheduler, expectObservable }) => {
    const run = memoryRun({
      commitMs: 99,
      faults: [{ at: 3, never: true }],
      writer: { ...WRITER, maxBatchEntries: 1 },
    });
    run.offer(draftOf(1));
    for (const ms of [50, 150]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    const h = { ...HUNG, lastDurableSeq: 2 };
    expectObservable(run.halt$).toBe("298ms (h|)", { h });
  });
});

test("does not take a commit that comes back in the same instant for a hung one", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 100, writer: WRITER });
    run.offer(draftOf(1));
    expectObservable(run.halt$).toBe("");
    expectObservable(run.watermark$).toBe("a 99ms b", { a: 0, b: 1 });
  });
});

test("counts what was accepted and not acknowledged, and never sees a late acknowledgement", () => {
  marbles(({ scheduler, flush }) => {
    const backend = new ScriptedBackend();
    const writer = openWriter(backend, { writer: WRITER });
    for (const item of [1, 2, 3]) writer.offer(draftOf(item));
    scheduler.schedule(() => writer.offer(draftOf(4)), 50);
    scheduler.schedule(() => backend.answer(), 101);
    const seen: unknown[] = [];
    writer.watermark$.subscribe((seq) => seen.push(seq));
    writer.halt$.subscribe(({ lostEntries }) => seen.push(`lost ${lostEntries}`));
    flush();
    assert.equal(seen, [0, "lost 4"]);
    assert.is(writer.watermark, 0);
    // Nothing is tried again, and the backend is left alone.
    assert.equal(backend.calls, ["append 1-3", "fail"]);
  });
});

test("whichever of the two clocks is due first decides", () => {
  for (const [haltThresholdMs, commitTimeoutMs, kind] of [
    [50, 60, "backpressure-stall"],
    [60, 50, "commit-stall"],
  ] as const) {
    marbles(({ flush }) => {
      const run = memoryRun({
        faults: [{ at: 1, never: true }],
        writer: { queueCapacity: 1, haltThresholdMs, commitTimeoutMs },
      });
      const kinds: string[] = [];
      run.halt$.subscribe((reason) => kinds.push(reason.kind));
      for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
      flush();
      assert.equal(kinds, [kind]);
    });
  }
});

test("applies to an anchor that is being stored, where that is due first", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({
      faults: [{ on: "anchor", never: true }],
      writer: { commitTimeoutMs: 100, haltThresholdMs: 101 },
    });
    void run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    expectObservable(run.halt$).toBe("100ms (h|)", { h: { ...HUNG, lostEntries: 0 } });
  });
});

test.run();
