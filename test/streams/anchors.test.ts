import { setImmediate } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryRunLog } from "../../src/backends/memory/MemoryRunLog.ts";
import { contentHashOf } from "../../src/format/contentHash.ts";
import type { InvalidConfigError } from "../../src/model/errors.ts";
import type { SnapshotAnchor } from "../../src/model/manifest.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf, outcomeOf } from "./support/failureOf.ts";
import { ScriptedBackend, storedRun } from "./support/scriptedBackend.ts";

const test = suite("recordSnapshotAnchor");

const SNAPSHOT = { blobRef: "cache://1", contentHash: contentHashOf(Buffer.from("state")) };
/** Nothing goes out but by a barrier. */
const LITERAL = { flushWhenIdle: false, maxBatchWaitMs: 30_000, maxBatchEntries: 1_000 };

test("flushes what was handed in before it, and the replay's tail starts behind it", async () => {
  const run = memoryRun({ writer: LITERAL });
  run.halt$.subscribe(() => assert.unreachable("halted"));
  run.offer(draftOf(1));
  run.offer(draftOf(2));
  const anchor = await run.recordSnapshotAnchor(SNAPSHOT);
  assert.equal(anchor, { highWatermark: 2, ...SNAPSHOT });
  assert.is(run.watermark, 2);
  assert.equal(await run.latestSnapshotAnchor(), anchor);
  run.offer(draftOf(3));
  run.offer(draftOf(4));
  const tail: number[] = [];
  const reading = new Promise<void>((resolve) => {
    run.entries$({ from: anchor.highWatermark + 1, live: true }).subscribe({
      next: ({ seq }) => tail.push(seq),
      complete: resolve,
    });
  });
  await run.close();
  await reading;
  assert.equal(tail, [3, 4, 5]);
});

test("takes the watermark of two drafts handed in before it, in virtual time", async () => {
  const anchored = marbles(() => {
    const run = memoryRun({ commitMs: 3, writer: LITERAL });
    run.offer(draftOf(1));
    run.offer(draftOf(2));
    const anchor = run.recordSnapshotAnchor(SNAPSHOT);
    run.offer(draftOf(3));
    return anchor;
  });
  assert.is((await anchored).highWatermark, 2);
});

test("is legal at watermark 0", async () => {
  const run = memoryRun();
  assert.is((await run.recordSnapshotAnchor(SNAPSHOT)).highWatermark, 0);
  assert.equal(await run.snapshotReplayPlan(), {
    anchor: { highWatermark: 0, ...SNAPSHOT },
    fromSeq: 1,
    toSeq: 0,
    isEmpty: true,
  });
});

test("overwrites the one of the same watermark, and gives way to a later one", async () => {
  const run = memoryRun();
  await run.append(draftOf(1));
  await run.recordSnapshotAnchor(SNAPSHOT);
  await run.recordSnapshotAnchor({ ...SNAPSHOT, blobRef: "second" });
  assert.is((await run.latestSnapshotAnchor())?.blobRef, "second");
  await run.append(draftOf(2));
  await run.recordSnapshotAnchor({ ...SNAPSHOT, blobRef: "third" });
  assert.equal(await run.latestSnapshotAnchor(), {
    highWatermark: 2,
    contentHash: SNAPSHOT.contentHash,
    blobRef: "third",
  });
});

test("several at once are stored in the order handed in", async () => {
  const run = memoryRun({ commitMs: 1 });
  const anchors = [1, 2, 3].map((item) => {
    run.offer(draftOf(item));
    return run.recordSnapshotAnchor({ ...SNAPSHOT, blobRef: String(item) });
  });
  assert.equal(
    (await Promise.all(anchors)).map(({ highWatermark }) => highWatermark),
    [1, 2, 3],
  );
  assert.is((await run.latestSnapshotAnchor())?.blobRef, "3");
});

test("gives its place in the queue back: any number of them pass through a queue of one", async () => {
  const run = memoryRun({ commitMs: 1, writer: { queueCapacity: 1 } });
  for (let item = 1; item <= 5; item += 1) {
    assert.is((await run.recordSnapshotAnchor(SNAPSHOT)).highWatermark, item - 1);
    assert.is(await run.append(draftOf(item)), item);
  }
  const levels: string[] = [];
  run.pressure$.subscribe(({ level, queued }) => levels.push(`${level} ${queued}`));
  assert.equal(levels, ["clear 0"]);
});

test("waits in line behind drafts when the queue is full", () => {
  marbles(({ flush }) => {
    const backend = new ScriptedBackend();
    const writer = openWriter(backend, { writer: { queueCapacity: 1, maxBatchEntries: 1 } });
    for (const item of [1, 2, 3]) writer.submissions.next(draftOf(item));
    void writer.recordSnapshotAnchor(SNAPSHOT);
    writer.submissions.next(draftOf(4));
    void writer.close();
    for (let step = 0; step < 7; step += 1) backend.answer();
    flush();
    assert.equal(backend.calls, [
      "append 1-1",
      "append 2-2",
      "append 3-3",
      "anchor 3",
      "append 4-4",
      "seal ended",
      "close",
    ]);
  });
});

test("does not resolve before it is stored", async () => {
  const backend = new ScriptedBackend();
  const writer = openWriter(backend);
  const anchored = writer.recordSnapshotAnchor(SNAPSHOT);
  assert.is(await outcomeOf(anchored), "pending");
  assert.equal(backend.calls, ["anchor 0"]);
  backend.answer();
  assert.is(await outcomeOf(anchored), "resolved");
});

test("is stored at close, from the line too, and not timed while closing", async () => {
  const stored = storedRun();
  const outcome = marbles(({ scheduler, flush }) => {
    const backend = new ScriptedBackend(stored);
    const writing = openWriter(backend, {
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 5 },
    });
    for (const item of [1, 2, 3]) writing.submissions.next(draftOf(item));
    const anchored = writing.recordSnapshotAnchor(SNAPSHOT);
    const closed = writing.close();
    for (let step = 1; step <= 6; step += 1) {
      scheduler.schedule(() => backend.answer(), step * 100);
    }
    flush();
    return { anchored, closed };
  });
  assert.equal(await outcome.anchored, { highWatermark: 3, ...SNAPSHOT });
  assert.is((await outcome.closed).status, "ended");
  assert.equal(stored.anchor, { highWatermark: 3, ...SNAPSHOT });
});

test("is rejected CLOSED from the line at abandon, and stored from the queue", async () => {
  const outcome = marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 5, writer: { queueCapacity: 2, maxBatchEntries: 1 } });
    run.offer(draftOf(1));
    const queued = run.recordSnapshotAnchor(SNAPSHOT);
    run.offer(draftOf(2));
    const inLine = run.recordSnapshotAnchor(SNAPSHOT);
    void run.abandon();
    flush();
    return { queued, inLine };
  });
  assert.is((await outcome.queued).highWatermark, 1);
  assert.is((await failureOf(outcome.inLine)).code, "TIDEMARK_CLOSED");
});

const TEXTS: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["an empty text", ""],
  ["1 025 bytes", "a".repeat(1_025)],
  ["1 025 bytes in UTF-8 alone", "é".repeat(513)],
  ["a lone surrogate", "\ud800"],
  ["a number", 7],
];

for (const field of ["blobRef", "contentHash"] as const) {
  for (const [title, value] of TEXTS) {
    test(`refuses ${title} as ${field}`, async () => {
      const run = memoryRun();
      const invalid = { ...SNAPSHOT, [field]: value };
      const failure = (await failureOf(run.recordSnapshotAnchor(invalid))) as InvalidConfigError;
      assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
      assert.is(failure.option, field);
      assert.is(failure.value, value);
      assert.is(await run.latestSnapshotAnchor(), undefined);
      assert.is(await run.append(draftOf(1)), 1);
    });
  }
}

test("refuses a snapshot that is none", async () => {
  for (const invalid of [undefined, null, "ref"]) {
    const run = memoryRun();
    const failure = await failureOf(run.recordSnapshotAnchor(invalid as never));
    assert.is((failure as InvalidConfigError).option, "snapshot");
  }
});

test("takes texts of 1 and of 1 024 bytes, and nothing but the two fields", async () => {
  const run = memoryRun();
  const given = { blobRef: "a", contentHash: "é".repeat(512), highWatermark: 99, other: 1 };
  const anchor: SnapshotAnchor = await run.recordSnapshotAnchor(given);
  assert.equal(anchor, { highWatermark: 0, blobRef: "a", contentHash: "é".repeat(512) });
  assert.equal(await run.latestSnapshotAnchor(), anchor);
});

test("is there for other readers of the log", async () => {
  const stored = storedRun();
  const backend = new ScriptedBackend(stored);
  const writer = openWriter(backend);
  const anchored = writer.recordSnapshotAnchor(SNAPSHOT);
  // An idle sink begins when the turn is over.
  await setImmediate();
  backend.answer();
  await anchored;
  let read: unknown;
  new MemoryRunLog(stored).latestSnapshotAnchor().subscribe((anchor) => (read = anchor));
  assert.equal(read, { highWatermark: 0, ...SNAPSHOT });
});

test.run();
