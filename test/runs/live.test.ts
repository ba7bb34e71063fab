import { asyncScheduler, of } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { Entry, Seq } from "../../src/model/entry.ts";
import type { EntryQuery, Run } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { faultyCatalog, overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("following a run live");

/** What a live read tells, with the virtual time of each. */
function followed(run: Run, query: EntryQuery = {}): string[] {
  const log: string[] = [];
  const startedAt = asyncScheduler.now();
  const tell = (what: unknown): void => {
    log.push(`${asyncScheduler.now() - startedAt} ${String(what)}`);
  };
  run.entries$({ live: true, onCaughtUp: (seq) => tell(`caught up ${seq}`), ...query }).subscribe({
    next: ({ seq }) => tell(seq),
    error: ({ code }) => tell(code),
    complete: () => tell("|"),
  });
  return log;
}

/** All that an iteration gives, and how it ends. */
async function iterated(run: Run, query: EntryQuery = {}): Promise<(Seq | string)[]> {
  const seen: (Seq | string)[] = [];
  try {
    for await (const { seq } of run.entries({ live: true, ...query })) seen.push(seq);
    seen.push("|");
  } catch (failure) {
    seen.push((failure as { code: string }).code);
  }
  return seen;
}

test("gives history, says once that it is through, and goes on with what becomes durable", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 1, writer: { maxBatchEntries: 2 } });
    for (const item of [1, 2, 3]) run.offer(draftOf(item));
    let log: string[] = [];
    scheduler.schedule(() => (log = followed(run)), 10);
    for (const ms of [12, 14, 20]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    scheduler.schedule(() => void run.close(), 30);
    flush();
    assert.equal(log, ["0 1", "0 2", "0 3", "0 caught up 3", "3 4", "5 5", "11 6", "21 7", "21 |"]);
  });
});

test("is caught up at once in an empty run", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 1 });
    const log = followed(run);
    scheduler.schedule(() => run.offer(draftOf(1)), 5);
    flush();
    assert.equal(log, ["0 caught up 0", "6 1"]);
  });
});

test("waits for a start that is not durable yet", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 1 });
    const log = followed(run, { from: 3 });
    for (const ms of [0, 5, 10, 15]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    flush();
    assert.equal(log, ["0 caught up 0", "11 3", "16 4"]);
  });
});

test("ends at `to`, in the history or beyond it", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 1, writer: { maxBatchEntries: 2 } });
    for (const item of [1, 2, 3]) run.offer(draftOf(item));
    const logs: string[][] = [];
    scheduler.schedule(() => {
      for (const to of [2, 3, 5]) logs.push(followed(run, { to, from: 2 }));
    }, 10);
    for (const ms of [12, 14, 20]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    flush();
    assert.equal(logs, [
      ["0 2", "0 caught up 2", "0 |"],
      ["0 2", "0 3", "0 caught up 3", "0 |"],
      ["0 2", "0 3", "0 caught up 3", "3 4", "5 5", "5 |"],
    ]);
  });
});

test("filters what it follows", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 1 });
    const log = followed(run, { topics: ["t1?"] });
    for (const ms of [8, 11, 20, 19]) scheduler.schedule(() => run.offer(draftOf(ms)), ms);
    flush();
    assert.equal(log, ["0 caught up 0", "12 2", "20 3"]);
  });
});

test("gives every entry once while they are written in small frames, pushed and pulled", async () => {
  const run = await openRun({
    catalog: memoryCatalog(),
    writer: { maxBatchEntries: 3, queueCapacity: 10, haltThresholdMs: 10_000 },
  });
  const pulls = [1, 50, 123].map((from) => iterated(run, { from }));
  const pushed: Seq[] = [];
  run.entries$({ live: true }).subscribe(({ seq }) => pushed.push(seq));
  const late: Promise<(Seq | string)[]>[] = [];
  for (let item = 0; item < 300; item += 1) {
    await run.submit(draftOf(item));
    if (item % 100 === 50) late.push(iterated(run));
  }
  await run.close();
  const all = Array.from({ length: 302 }, (_, seq) => seq + 1);
  assert.equal(pushed, all);
  const froms = [1, 50, 123, 1, 1, 1];
  for (const [position, seen] of (await Promise.all([...pulls, ...late])).entries()) {
    assert.equal(seen, [...all.slice((froms[position] as number) - 1), "|"]);
  }
});

test("never makes the writer wait for a slow consumer, which reads older pages", async () => {
  const run = memoryRun();
  const iterator = run.entries({ live: true })[Symbol.asyncIterator]();
  await run.append(draftOf(1));
  assert.is((await iterator.next()).value.seq, 1);
  // Nobody asks for the next one while a thousand are written.
  for (let item = 0; item < 1_000; item += 1) run.offer(draftOf(item));
  await run.append(draftOf("last"));
  assert.is(run.watermark, 1_002);
  for (let seq = 2; seq <= 1_002; seq += 1) assert.is((await iterator.next()).value.seq, seq);
  await run.close();
  assert.is((await iterator.next()).value.seq, 1_003);
  assert.is((await iterator.next()).done, true);
});

test("ends after RunEnded when the run is closed while somebody waits", async () => {
  const run = memoryRun();
  await run.append(draftOf(1));
  const seen = iterated(run);
  await run.close();
  assert.equal(await seen, [1, 2, "|"]);
});

test("reads to the end after a close, when it is behind", async () => {
  const run = memoryRun();
  for (const item of [1, 2, 3]) run.offer(draftOf(item));
  await run.append(draftOf(4));
  const iterator = run.entries({ live: true })[Symbol.asyncIterator]();
  await iterator.next();
  await run.close();
  const rest: Seq[] = [];
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
    rest.push(step.value.seq);
  }
  assert.equal(rest, [2, 3, 4, 5]);
});

test("ends after the last durable entry when the run is abandoned", async () => {
  const run = memoryRun({ commitMs: 1 });
  run.offer(draftOf(1));
  const seen = iterated(run);
  await run.abandon();
  assert.equal(await seen, [1, "|"]);
});

test("ends after the last durable entry of the drain at a backpressure halt", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      commitMs: 20,
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 10 },
    });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    const log = followed(run);
    flush();
    assert.equal(log, ["0 caught up 0", "20 1", "40 2", "40 |"]);
  });
});

test("ends at a backend failure when it has all that is durable", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 1, faults: [{ at: 2, fail: "disk" }] });
    const log = followed(run);
    run.offer(draftOf(1));
    scheduler.schedule(() => run.offer(draftOf(2)), 5);
    flush();
    assert.equal(log, ["0 caught up 0", "1 1", "6 |"]);
  });
});

test("throws HALTED at a backend failure when it is behind the watermark", async () => {
  const catalog = faultyCatalog(memoryCatalog(), [{ at: 5, fail: "disk" }]);
  const run = await openRun({ catalog, writer: { maxBatchEntries: 1 } });
  const iterator = run.entries({ live: true })[Symbol.asyncIterator]();
  assert.is((await iterator.next()).value.seq, 1);
  for (const item of [2, 3, 4]) await run.append(draftOf(item));
  await failureOf(run.append(draftOf(5)));
  assert.is(run.watermark, 4);
  assert.is((await failureOf(iterator.next())).code, "TIDEMARK_HALTED");
});

test("throws HALTED where it is opened after a backend failure", async () => {
  const run = memoryRun({ faults: [{ at: 1, fail: "error" }] });
  await failureOf(run.append(draftOf(1)));
  assert.equal(await iterated(run), ["TIDEMARK_HALTED"]);
});

for (const [end, code] of [
  ["close", "TIDEMARK_CLOSED"],
  ["abandon", "TIDEMARK_CLOSED"],
] as const) {
  test(`throws CLOSED where it is opened after ${end}: a reader is for that`, async () => {
    const run = memoryRun();
    await run.append(draftOf(1));
    await run[end]();
    assert.equal(await iterated(run), [code]);
  });
}

test("throws HALTED where it is opened after a backpressure halt has drained", async () => {
  const run = marbles(({ flush }) => {
    const halted = memoryRun({
      commitMs: 20,
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 10 },
    });
    for (const item of [1, 2, 3]) halted.submissions.next(draftOf(item));
    flush();
    return halted;
  });
  assert.equal(await iterated(run), ["TIDEMARK_HALTED"]);
});

test("stops following when it is unsubscribed from, or returned from after an entry", async () => {
  const run = memoryRun();
  const seen: Seq[] = [];
  const subscription = run.entries$({ live: true }).subscribe(({ seq }) => {
    seen.push(seq);
    if (seq === 2) subscription.unsubscribe();
  });
  for (const item of [1, 2, 3]) await run.append(draftOf(item));
  assert.equal(seen, [1, 2]);
  for await (const { seq } of run.entries({ live: true })) {
    if (seq === 3) break;
  }
  assert.is((await run.close()).highWatermark, 4);
});

test("looks again where the log has not seen yet what the writer made durable", async () => {
  const catalog = wrappedCatalog(memoryCatalog(), {
    read: (log) =>
      overridden(log, {
        framesFrom: (seq, options) => (seq > log.watermark ? of([]) : log.framesFrom(seq, options)),
      }),
  });
  const run = await openRun({ catalog });
  const seen = iterated(run);
  assert.is((await run.entryAt(1))?.seq, 1);
  await run.append(draftOf(2));
  assert.is((await run.entryAt(2))?.seq, 2);
  await run.append(draftOf(3));
  const newestFirst: Seq[] = [];
  for await (const { seq } of run.entries({ reverse: true })) newestFirst.push(seq);
  assert.equal(newestFirst, [3, 2, 1]);
  await run.close();
  assert.equal(await seen, [1, 2, 3, 4, "|"]);
});

test("finds an entry of its own watermark within watermark$", async () => {
  const run = memoryRun({ writer: { maxBatchEntries: 2 } });
  const found: Promise<Entry | undefined>[] = [];
  run.watermark$.subscribe((seq) => {
    if (seq > 0) found.push(run.entryAt(seq));
  });
  for (let item = 0; item < 7; item += 1) run.offer(draftOf(item));
  await run.append(draftOf("last"));
  const seqs = (await Promise.all(found)).map((entry) => entry?.seq);
  assert.equal(seqs, [...new Set(seqs)]);
  assert.is(seqs.at(-1), 8);
});

test.run();
