import { asyncScheduler } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { countingScheduler } from "../support/countingScheduler.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("abandon");

test("commits what was accepted, rejects the line with CLOSED, and does not seal", async () => {
  const outcome = marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 5, writer: { queueCapacity: 2, maxBatchEntries: 1 } });
    const appends = [1, 2, 3, 4, 5].map((item) => run.append(draftOf(item)));
    const abandoned = run.abandon();
    flush();
    return { appends, abandoned, run };
  });
  assert.is(await outcome.abandoned, undefined);
  assert.equal(await Promise.all(outcome.appends.slice(0, 4)), [1, 2, 3, 4]);
  for (const inLine of outcome.appends.slice(4)) {
    assert.is((await failureOf(inLine)).code, "TIDEMARK_CLOSED");
  }
  assert.is(outcome.run.watermark, 4);
  assert.is(outcome.run.manifest.status, "running");
});

test("rejects the line at once, not when the commits are through", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 5, writer: { queueCapacity: 1, maxBatchEntries: 1 } });
    const startedAt = asyncScheduler.now();
    const log: string[] = [];
    for (const item of [1, 2, 3]) {
      run.append$(draftOf(item)).subscribe({
        next: (seq) => log.push(`${asyncScheduler.now() - startedAt} ${seq}`),
        error: ({ code }) => log.push(`${asyncScheduler.now() - startedAt} ${code}`),
      });
    }
    void run.abandon();
    flush();
    assert.equal(log, ["0 TIDEMARK_CLOSED", "5 1", "10 2"]);
  });
});

test("commits an open batch at once, though its time is not up", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ writer: { flushWhenIdle: false, maxBatchWaitMs: 1_000 } });
    run.offer(draftOf(1));
    void run.abandon();
    expectObservable(run.watermark$).toBe("(b|)", { b: 1 });
    expectObservable(run.halt$).toBe("|");
  });
});

test("releases the backend and never asks it for a seal", async () => {
  const backend = new ScriptedBackend();
  const writer = openWriter(backend);
  writer.offer(draftOf(1));
  const abandoned = writer.abandon();
  backend.answer();
  backend.answer();
  await abandoned;
  assert.equal(backend.calls, ["append 1-1", "close"]);
});

test("is idempotent, and await using does the same", async () => {
  const run = memoryRun({ commitMs: 1 });
  {
    await using used = run;
    used.offer(draftOf(1));
  }
  assert.is(run.watermark, 1);
  assert.is(run.offer(draftOf(2)), false);
  await run.abandon();
  await run[Symbol.asyncDispose]();
  assert.is(run.manifest.status, "running");
});

test("during closing leaves the close alone and resolves with it", async () => {
  const run = memoryRun({ commitMs: 2 });
  const log: string[] = [];
  const closed = run.close().then(({ status }) => log.push(status));
  const abandoned = run.abandon().then(() => log.push("abandoned"));
  await Promise.all([closed, abandoned]);
  assert.equal(log.toSorted(), ["abandoned", "ended"]);
  assert.is(run.watermark, 1);
});

test("after close resolves and changes nothing", async () => {
  const run = memoryRun();
  await run.close();
  await run.abandon();
  assert.is(run.manifest.status, "ended");
});

for (const [title, faults] of [
  ["fails", [{ at: 1, fail: "disk" }]],
  ["hangs", [{ at: 1, never: true }]],
] as const) {
  test(`resolves when a commit ${title} meanwhile, bounded by commitTimeoutMs, and halt$ tells`, async () => {
    const outcome = marbles(({ flush }) => {
      const run = memoryRun({ faults, writer: { commitTimeoutMs: 100 } });
      const append = run.append(draftOf(1));
      const abandoned = run.abandon();
      let halts = 0;
      run.halt$.subscribe(() => (halts += 1));
      flush();
      assert.is(halts, 1);
      return { append, abandoned };
    });
    assert.is(await outcome.abandoned, undefined);
    assert.is((await failureOf(outcome.append)).code, "TIDEMARK_HALTED");
  });
}

test("after a backend failure resolves at once and touches nothing", async () => {
  const backend = new ScriptedBackend();
  const writer = openWriter(backend);
  const append = failureOf(writer.append(draftOf(1)));
  await Promise.resolve();
  backend.failWith(new Error("gone"));
  await append;
  await writer.abandon();
  assert.equal(backend.calls, ["append 1-1", "fail"]);
});

test("after a backpressure halt resolves when the drain is through", () => {
  marbles(({ flush }) => {
    const backend = new ScriptedBackend();
    const writer = openWriter(backend, {
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 10 },
    });
    const { calls } = backend;
    for (const item of [1, 2, 3]) writer.submissions.next(draftOf(item));
    asyncScheduler.schedule(() => void writer.abandon(), 11);
    for (const ms of [20, 30, 40]) asyncScheduler.schedule(() => backend.answer(), ms);
    writer.watermark$.subscribe({ complete: () => calls.push("done") });
    flush();
    assert.equal(calls, ["append 1-1", "append 2-2", "close", "done"]);
  });
});

test("leaves no timer behind, after a hang neither", () => {
  for (const faults of [[], [{ at: 2, never: true }]] as const) {
    marbles(({ flush }) => {
      const scheduler = countingScheduler(asyncScheduler);
      const run = memoryRun({
        commitMs: 1,
        faults,
        scheduler,
        writer: { queueCapacity: 1, maxBatchEntries: 1 },
      });
      for (const item of [1, 2, 3, 4]) run.submissions.next(draftOf(item));
      void run.abandon();
      flush();
      assert.is(scheduler.open, 0);
    });
  }
});

test.run();
