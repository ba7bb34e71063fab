import { queueScheduler } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WriterOptions } from "../../src/model/options.ts";
import type { Run } from "../../src/model/Run.ts";
import type { Commit } from "../../src/model/Writer.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun, type MemoryRunOptions } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("batching");

/** Never closes by age within a test, nor because the sink is idle. */
const LITERAL = { flushWhenIdle: false, maxBatchWaitMs: 30_000 };

/** What each commit held: its batches as `entries` and `closedBy`. */
function commitsOf(run: Run): string[] {
  const commits: string[] = [];
  run.commits$.subscribe(({ batches }) =>
    commits.push(batches.map(({ entries, closedBy }) => `${entries} ${closedBy}`).join(", ")),
  );
  return commits;
}

/** All commits of a run that is given some drafts and closed, in virtual time. */
function commitsFor(
  options: Omit<MemoryRunOptions, "writer"> & { writer: Partial<WriterOptions> },
  feed: (run: Run, at: (ms: number, step: () => void) => void) => void,
): string[] {
  return marbles(({ scheduler, flush }) => {
    const run = memoryRun(options);
    const commits = commitsOf(run);
    feed(run, (ms, step) => scheduler.schedule(step, ms));
    flush();
    return commits;
  });
}

test("six drafts in batches of two and the end are four batches in four transactions", async () => {
  const run = memoryRun({ writer: { ...LITERAL, maxBatchEntries: 2 } });
  const commits = commitsOf(run);
  for (const pair of [1, 3, 5]) {
    await Promise.all([run.append(draftOf(pair)), run.append(draftOf(pair + 1))]);
  }
  const manifest = await run.close();
  assert.equal(commits, ["2 count", "2 count", "2 count", "1 barrier"]);
  assert.is(manifest.highWatermark, 7);
});

test("closes a batch by count at once", () => {
  const commits = commitsFor({ writer: { ...LITERAL, maxBatchEntries: 3 } }, (run, at) => {
    for (let ms = 0; ms < 7; ms += 1) at(ms, () => run.offer(draftOf(ms)));
    at(10, () => void run.close());
  });
  assert.equal(commits, ["3 count", "3 count", "2 barrier"]);
});

test("closes a batch by age, counted from its first entry and not extended by later ones", () => {
  marbles(({ expectObservable, scheduler }) => {
    const run = memoryRun({ writer: { flushWhenIdle: false, maxBatchWaitMs: 5 } });
    const commits = commitsOf(run);
    for (const ms of [1, 3, 5, 7]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    expectObservable(run.watermark$).toBe("a-----b-----c", { a: 0, b: 3, c: 4 });
    scheduler.schedule(() => assert.equal(commits, ["3 time", "1 time"]), 13);
  });
});

test("closes a batch before the entry that would make it too large", () => {
  const commits = commitsFor({ writer: { ...LITERAL, maxBatchBytes: 1_000 } }, (run, at) => {
    at(0, () => {
      // Some 480 bytes each: two fit, three do not.
      for (let item = 0; item < 5; item += 1) {
        run.offer({ topic: "t", payloadType: "T", payload: Buffer.alloc(400) });
      }
    });
    at(1, () => void run.close());
  });
  assert.equal(commits.join(", "), "2 bytes, 2 bytes, 2 barrier");
});

test("puts an entry larger than a batch into a batch of its own", () => {
  const commits = commitsFor({ writer: { ...LITERAL, maxBatchBytes: 1 } }, (run, at) => {
    at(0, () => run.offer(draftOf(1)));
    at(1, () => run.offer(draftOf(2)));
    at(2, () => void run.close());
  });
  assert.equal(commits, ["1 bytes", "1 bytes, 1 barrier"]);
});

test("commits a lone entry by the time window, before close", () => {
  marbles(({ expectObservable, scheduler }) => {
    const run = memoryRun({ writer: { flushWhenIdle: false, maxBatchWaitMs: 20 } });
    run.offer(draftOf(1));
    scheduler.schedule(() => void run.close(), 50);
    expectObservable(run.watermark$).toBe("a-------------------b 29ms (c|)", { a: 0, b: 1, c: 2 });
  });
});

for (const flushWhenIdle of [true, false]) {
  test(`a queue smaller than a batch never stalls an idle sink, flushWhenIdle ${flushWhenIdle}`, () => {
    const commits = commitsFor(
      {
        commitMs: 1,
        writer: { flushWhenIdle, maxBatchWaitMs: 30_000, queueCapacity: 3, haltThresholdMs: 100 },
      },
      (run, at) => {
        for (let item = 0; item < 10; item += 1) run.submissions.next(draftOf(item));
        run.halt$.subscribe(() => assert.unreachable("halted"));
        at(200, () => void run.close());
      },
    );
    const entries = commits.join(", ").match(/\d+/g) ?? [];
    assert.is(
      entries.map(Number).reduce((sum, count) => sum + count),
      11,
    );
    assert.is(commits[0], "3 count");
  });

  test(`a queue of few bytes never stalls an idle sink, flushWhenIdle ${flushWhenIdle}`, () => {
    const writer = {
      flushWhenIdle,
      maxBatchWaitMs: 30_000,
      queueBytes: 200,
      maxPayloadBytes: 200,
      haltThresholdMs: 100,
    };
    marbles(({ scheduler, flush }) => {
      const run = memoryRun({ commitMs: 1, writer });
      const commits = commitsOf(run);
      for (let item = 0; item < 6; item += 1) run.submissions.next(draftOf(item));
      run.halt$.subscribe(() => assert.unreachable("halted"));
      scheduler.schedule(() => assert.ok(run.watermark >= 4), 150);
      scheduler.schedule(() => void run.close(), 200);
      flush();
      assert.is(run.watermark, 7);
      assert.is(commits[0], "2 bytes");
    });
  });
}

test("closes a batch by count where the queue has no credit left for more", () => {
  const commits = commitsFor(
    { commitMs: 5, writer: { maxBatchEntries: 2, queueCapacity: 3, haltThresholdMs: 1_000 } },
    (run, at) => {
      for (let item = 0; item < 8; item += 1) run.submissions.next(draftOf(item));
      at(100, () => void run.close());
    },
  );
  // The queue holds three, the last of them cut for want of credit: then nothing is waited for.
  assert.equal(commits, ["2 count, 1 count", "2 count, 1 count", "2 count", "1 barrier"]);
});

test("puts all pending batches into the next single transaction, and tells each", () => {
  for (const flushWhenIdle of [true, false]) {
    const commits = commitsFor(
      { commitMs: 10, writer: { flushWhenIdle, maxBatchWaitMs: 30_000, maxBatchEntries: 2 } },
      (run, at) => {
        for (let item = 0; item < 2; item += 1) run.offer(draftOf(item));
        at(5, () => {
          for (let item = 2; item < 9; item += 1) run.offer(draftOf(item));
        });
        at(30, () => void run.close());
      },
    );
    const rest = flushWhenIdle
      ? ["2 count, 2 count, 2 count, 1 idle", "1 barrier"]
      : ["2 count, 2 count, 2 count", "2 count"];
    assert.equal(commits, ["2 count", ...rest]);
  }
});

test("puts no more than 2 MiB into a transaction, but at least one batch", () => {
  const MIB = 1024 * 1024;
  const large = { topic: "t", payloadType: "T", payload: Buffer.alloc(0.8 * MIB) };
  const huge = { topic: "t", payloadType: "T", payload: Buffer.alloc(3 * MIB) };
  const commits = commitsFor({ commitMs: 10, writer: { maxBatchEntries: 1 } }, (run, at) => {
    for (const draft of [large, large, large, large, huge, huge, large]) run.offer(draft);
    at(100, () => void run.close());
  });
  assert.equal(commits, [
    "1 count, 1 count",
    "1 count, 1 count",
    "1 count",
    "1 count",
    "1 count",
    "1 count",
  ]);
});

function feedMany(run: Run, at: (ms: number, step: () => void) => void): void {
  for (let item = 0; item < 12_000; item += 1) run.offer(draftOf(item));
  at(100, () => void run.close());
}

test("puts no more than 5,000 entries into a transaction, but at least one batch", () => {
  const writer = { maxBatchEntries: 2_000, maxBatchBytes: 2 ** 20 };
  const large = { maxBatchEntries: 6_000, maxBatchBytes: 2 ** 20 };
  const queue = { queueCapacity: 20_000 };
  assert.equal(commitsFor({ commitMs: 10, writer: { ...writer, ...queue } }, feedMany), [
    "2000 count, 2000 count",
    "2000 count, 2000 count",
    "2000 count, 2000 count",
    "1 barrier",
  ]);
  assert.equal(commitsFor({ commitMs: 10, writer: { ...large, ...queue } }, feedMany), [
    "6000 count",
    "6000 count",
    "1 barrier",
  ]);
});

test("an anchor closes the batch before it, and passes between transactions", () => {
  const backend = new ScriptedBackend();
  marbles(() => {
    const writer = openWriter(backend, { writer: LITERAL });
    writer.offer(draftOf(1));
    void writer.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    writer.offer(draftOf(2));
    void writer.close();
    for (let step = 0; step < 5; step += 1) backend.answer();
  });
  assert.equal(backend.calls, ["append 1-1", "anchor 1", "append 2-2", "seal ended", "close"]);
});

test("tells of each commit its span, its bytes, its time and what is still queued", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 7, writer: { maxBatchEntries: 2, queueCapacity: 100 } });
    const commits: Commit[] = [];
    run.commits$.subscribe((commit) => commits.push(commit));
    for (let item = 0; item < 2; item += 1) run.offer(draftOf(item));
    scheduler.schedule(() => {
      for (let item = 2; item < 6; item += 1) run.offer(draftOf(item));
    }, 1);
    flush();
    assert.equal(
      commits.map(({ fromSeq, toSeq, queuedEntries, commitMs }) => [
        fromSeq,
        toSeq,
        queuedEntries,
        commitMs,
      ]),
      [
        [1, 2, 4, 7],
        [3, 6, 0, 7],
      ],
    );
    for (const { bytes, batches } of commits) assert.ok(bytes > 100 * batches.length);
  });
});

test("lets no batch through that is empty", () => {
  const commits = commitsFor({ writer: {} }, (run, at) => {
    void run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    at(5, () => void run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" }));
    at(10, () => void run.abandon());
  });
  assert.equal(commits, []);
});

test("flushes when idle though the scheduler runs its work at once", () => {
  const run = memoryRun({ scheduler: queueScheduler, writer: { maxBatchWaitMs: 30_000 } });
  const commits = commitsOf(run);
  for (const item of [1, 2, 3]) run.offer(draftOf(item));
  assert.equal(commits, ["1 idle", "1 idle", "1 idle"]);
  assert.is(run.watermark, 3);
});

test.run();
