import { setImmediate } from "node:timers/promises";
import { asyncScheduler, map, type Observable, type SchedulerLike, type Subscription } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Ack, Frame } from "../../src/backends/Backend.ts";
import type { HaltedError } from "../../src/model/errors.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("a scheduler that fails");

/** Throws once, when something is scheduled for the end of the turn. */
function brokenAt(call: number): SchedulerLike {
  let calls = 0;
  const schedule = (...args: Parameters<SchedulerLike["schedule"]>): Subscription => {
    if (args[1] === 0) calls += 1;
    if (args[1] === 0 && calls === call) throw new Error("no timers left");
    return asyncScheduler.schedule(...args);
  };
  return { now: () => asyncScheduler.now(), schedule };
}

/** Gives no time for as many readings as it is told. */
class StoppableClock implements SchedulerLike {
  failures = 0;

  now(): number {
    if (this.failures === 0) return asyncScheduler.now();
    this.failures -= 1;
    throw new Error("no time left");
  }

  schedule(...args: Parameters<SchedulerLike["schedule"]>): Subscription {
    return asyncScheduler.schedule(...args);
  }
}

for (const flushWhenIdle of [true, false]) {
  test(`halts the writer and acknowledges nothing that is not in the log, flushWhenIdle ${flushWhenIdle}`, async () => {
    const run = memoryRun({
      scheduler: brokenAt(1),
      writer: { flushWhenIdle, maxBatchEntries: 2 },
    });
    const failures = await Promise.all(
      [1, 2, 3].map((item) => failureOf(run.append(draftOf(item)))),
    );
    const reasons = failures.map((failure) => (failure as HaltedError).reason);
    assert.is(reasons[0]?.kind, "backend-error");
    assert.is(new Set(reasons).size, 1);
    assert.is(run.watermark, 0);
  });
}

for (const [when, commitMs] of [
  ["a turn is over", 0],
  ["a commit is back", 2],
] as const) {
  test(`halts the writer where it fails when ${when}, and leaves nobody waiting`, async () => {
    const scheduler = new StoppableClock();
    const run = memoryRun({ commitMs, scheduler, writer: { maxBatchEntries: 2 } });
    const appends = [1, 2, 3].map((item) => failureOf(run.append(draftOf(item))));
    if (commitMs > 0) await setImmediate();
    scheduler.failures = Number.POSITIVE_INFINITY;
    for (const failure of await Promise.all(appends)) {
      assert.is((failure as HaltedError).reason.kind, "backend-error");
    }
    assert.is(run.watermark, 0);
  });
}

test("halts the writer where it fails when the run is closed, and leaves nobody waiting", async () => {
  const scheduler = new StoppableClock();
  const backend = new ScriptedBackend();
  const writer = openWriter(backend, { scheduler, writer: { maxBatchEntries: 2 } });
  const appends = [1, 2, 3].map((item) => failureOf(writer.append(draftOf(item))));
  scheduler.failures = Number.POSITIVE_INFINITY;
  for (const failure of await Promise.all([...appends, failureOf(writer.close())])) {
    assert.is(failure.code, "TIDEMARK_HALTED");
  }
  assert.equal(backend.calls, ["fail"]);
});

/** Says how long each commit took, so that no clock is read for that. */
class TimedBackend extends ScriptedBackend {
  override append(frames: readonly Frame[]): Observable<Ack> {
    return super.append(frames).pipe(map((ack) => ({ ...ack, commitMs: 1 })));
  }
}

test("commits nothing behind what it could not begin with, while the run is closed", async () => {
  const scheduler = new StoppableClock();
  const backend = new TimedBackend();
  const writer = openWriter(backend, { scheduler, writer: { queueCapacity: 1 } });
  const first = writer.append(draftOf(1));
  const others = [2, 3, 4, 5].map((item) => failureOf(writer.append(draftOf(item))));
  const closing = failureOf(writer.close());
  scheduler.failures = 1;
  backend.answer();
  for (const failure of await Promise.all([...others, closing])) {
    assert.is(failure.code, "TIDEMARK_HALTED");
  }
  assert.is(await first, 1);
  assert.equal(backend.calls, ["append 1-1", "fail"]);
});

test.run();
