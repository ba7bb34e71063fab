import { from } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HaltedError } from "../../src/model/errors.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf, outcomeOf } from "./support/failureOf.ts";

const test = suite("the verbs of a writer");

/** One entry in the queue, one on its way for a second. */
const BUSY = { commitMs: 1_000, writer: { queueCapacity: 1, haltThresholdMs: 10_000 } };

test("submit gives the seq on acceptance, before anything is durable", async () => {
  const seqs = marbles(({ scheduler }) => {
    const run = memoryRun({ commitMs: 1_000 });
    const submitted = [run.submit(draftOf(1)), run.submit(draftOf(2))];
    scheduler.schedule(() => {
      assert.is(run.accepted, 2);
      assert.is(run.watermark, 0);
    }, 999);
    return submitted;
  });
  assert.equal(await Promise.all(seqs), [1, 2]);
});

test("submit resolves though the commit hangs for ever, append does not", async () => {
  const run = memoryRun({ faults: [{ at: 1, never: true }], writer: { commitTimeoutMs: 20 } });
  const append = run.append(draftOf(1));
  assert.is(await run.submit(draftOf(2)), 2);
  assert.is(await outcomeOf(append), "pending");
  assert.is((await failureOf(append)).code, "TIDEMARK_HALTED");
});

test("append gives the seq once the entry is durable", () => {
  const run = memoryRun({ commitMs: 1 });
  return run.append(draftOf(1)).then((seq) => {
    assert.is(seq, 1);
    assert.is(run.watermark, 1);
    assert.is(run.accepted, 1);
  });
});

test("append waits for the acknowledgement, not for the acceptance", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 50 });
    expectObservable(run.append$(draftOf(1))).toBe("50ms (a|)", { a: 1 });
    assert.is(run.accepted, 0);
  });
});

test("offer takes a draft at once while there is room, and says no otherwise", () => {
  marbles(({ flush }) => {
    const run = memoryRun(BUSY);
    // The first goes out at once, since the queue has no credit left; the second fills it.
    assert.equal(
      [1, 2, 3].map((item) => run.offer(draftOf(item))),
      [true, true, false],
    );
    assert.is(run.accepted, 2);
    flush();
    assert.is(run.watermark, 2);
  });
});

test("offer says no while anyone is in line, and keeps nothing", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ ...BUSY, writer: { ...BUSY.writer, queueCapacity: 2 } });
    for (const item of [1, 2, 3, 4, 5]) run.submissions.next(draftOf(item));
    assert.is(run.accepted, 4);
    assert.is(run.offer(draftOf(6)), false);
    flush();
    assert.is(run.accepted, 5);
    assert.is(run.watermark, 5);
  });
});

test("submit waits in line while the queue is full, and keeps the order", async () => {
  const seqs = marbles(({ flush }) => {
    const run = memoryRun(BUSY);
    const submitted = [1, 2, 3, 4].map((item) => run.submit(draftOf(item)));
    assert.is(run.accepted, 2);
    flush();
    return submitted;
  });
  assert.equal(await Promise.all(seqs), [1, 2, 3, 4]);
});

test("append$ is cold: it hands in once per subscription, and not before", () => {
  marbles(({ expectObservable, flush }) => {
    const run = memoryRun({ commitMs: 2 });
    const append$ = run.append$(draftOf(1));
    assert.is(run.accepted, 0);
    expectObservable(append$).toBe("--(a|)", { a: 1 });
    expectObservable(append$, "---^").toBe("-----(b|)", { b: 2 });
    flush();
    assert.is(run.accepted, 2);
  });
});

test("append$ withdraws nothing when it is unsubscribed from", () => {
  marbles(({ expectObservable, flush }) => {
    const run = memoryRun({ commitMs: 4 });
    expectObservable(run.append$(draftOf(1)), "^-!").toBe("");
    flush();
    assert.is(run.watermark, 1);
  });
});

test("submissions takes the drafts of a stream and outlives it", () => {
  marbles(({ flush }) => {
    const run = memoryRun();
    from([draftOf(1), draftOf(2)]).subscribe(run.submissions);
    run.submissions.error(new Error("the source failed"));
    run.submissions.next(draftOf(3));
    flush();
    assert.is(run.watermark, 3);
  });
});

test("gives 10 drafts in batches of two the watermark 10 and no more, then 11 for the end", async () => {
  const run = memoryRun({ commitMs: 1, writer: { maxBatchEntries: 2 } });
  const seen: number[] = [];
  run.watermark$.subscribe((seq) => seen.push(seq));
  await Promise.all(Array.from({ length: 10 }, (_, item) => run.append(draftOf(item))));
  assert.is(run.watermark, 10);
  assert.is((await run.close()).highWatermark, 11);
  assert.is(seen.at(-1), 11);
});

test("numbers entries densely through many full batches", async () => {
  const run = memoryRun({ writer: { maxBatchEntries: 3 } });
  const seqs = await Promise.all(
    Array.from({ length: 20 }, (_, item) => run.append(draftOf(item))),
  );
  assert.equal(
    seqs,
    Array.from({ length: 20 }, (_, item) => item + 1),
  );
  const manifest = await run.close();
  assert.is(manifest.highWatermark, 21);
  assert.is(manifest.status, "ended");
});

for (const end of ["close", "abandon"] as const) {
  test(`every verb refuses after ${end} with CLOSED`, async () => {
    const run = memoryRun();
    await run[end]();
    assert.is(run.offer(draftOf(1)), false);
    assert.is(run.submissions.next(draftOf(1)), undefined);
    assert.is((await failureOf(run.submit(draftOf(1)))).code, "TIDEMARK_CLOSED");
    assert.is((await failureOf(run.append(draftOf(1)))).code, "TIDEMARK_CLOSED");
    const anchor = { blobRef: "b", contentHash: "c" };
    assert.is((await failureOf(run.recordSnapshotAnchor(anchor))).code, "TIDEMARK_CLOSED");
    let refused: unknown;
    run.append$(draftOf(1)).subscribe({ error: (error) => (refused = error.code) });
    assert.is(refused, "TIDEMARK_CLOSED");
    assert.is(run.accepted, end === "close" ? 1 : 0);
  });
}

test("every verb refuses after a halt with HALTED and the very reason of halt$", async () => {
  const run = memoryRun({ faults: [{ at: 1, fail: "disk" }] });
  let reason: unknown;
  run.halt$.subscribe((told) => (reason = told));
  await failureOf(run.append(draftOf(1)));
  assert.is(run.offer(draftOf(2)), false);
  run.submissions.next(draftOf(2));
  const anchor = { blobRef: "b", contentHash: "c" };
  const refusals = [
    run.submit(draftOf(2)),
    run.append(draftOf(2)),
    run.recordSnapshotAnchor(anchor),
  ];
  for (const refusal of refusals) {
    const failure = (await failureOf(refusal)) as HaltedError;
    assert.is(failure.code, "TIDEMARK_HALTED");
    assert.is(failure.reason, reason);
  }
  let refused: HaltedError | undefined;
  run.append$(draftOf(2)).subscribe({ error: (error: HaltedError) => (refused = error) });
  assert.is(refused?.reason, reason);
  assert.is(run.accepted, 1);
});

test("a verb refuses a valid and an invalid draft alike once the run is over", async () => {
  const run = memoryRun();
  await run.close();
  assert.is(run.offer({} as never), false);
  assert.is((await failureOf(run.submit({} as never))).code, "TIDEMARK_CLOSED");
});

test.run();
