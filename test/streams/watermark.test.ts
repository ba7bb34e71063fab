import { suite } from "uvu";
import * as assert from "uvu/assert";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { watched } from "./support/watched.ts";

const test = suite("watermark$");

test("advances only with the acknowledgement of the backend, once per commit, strictly rising", () => {
  marbles(({ scheduler, expectObservable }) => {
    const run = memoryRun({ commitMs: 4, writer: { maxBatchEntries: 2 } });
    const feed = (count: number): void => {
      for (let item = 0; item < count; item += 1) run.offer(draftOf(item));
    };
    feed(2);
    scheduler.schedule(() => feed(5), 1);
    scheduler.schedule(() => assert.is(run.watermark, 0), 3);
    scheduler.schedule(() => feed(1), 20);
    expectObservable(run.watermark$).toBe("a---b---c 15ms d", { a: 0, b: 2, c: 7, d: 8 });
  });
});

test("replays its value to whoever comes late, after completion too", () => {
  marbles(({ flush }) => {
    const run = memoryRun();
    run.offer(draftOf(1));
    flush();
    const seen: unknown[] = [];
    run.watermark$.subscribe((seq) => seen.push(seq));
    void run.close();
    flush();
    run.watermark$.subscribe({
      next: (seq) => seen.push(`late ${seq}`),
      complete: () => seen.push("|"),
    });
    assert.equal(seen, [1, 2, "late 2", "|"]);
  });
});

test("comes after the property and before commits$ and the appends", () => {
  marbles(({ flush }) => {
    const run = memoryRun();
    const log: string[] = [];
    // In the reverse of the order expected, so that it does not come of itself.
    run.append$(draftOf(1)).subscribe((seq) => log.push(`append$ ${seq}`));
    run.commits$.subscribe(({ toSeq }) => log.push(`commits$ ${toSeq}, property ${run.watermark}`));
    run.watermark$.subscribe((seq) => log.push(`watermark$ ${seq}, property ${run.watermark}`));
    flush();
    assert.equal(log, [
      "watermark$ 0, property 0",
      "watermark$ 1, property 1",
      "commits$ 1, property 1",
      "append$ 1",
    ]);
  });
});

test("is told before the promise of append resolves", async () => {
  const run = memoryRun({ commitMs: 1 });
  const log: string[] = [];
  const appended = run.append(draftOf(1)).then((seq) => log.push(`append ${seq}`));
  run.watermark$.subscribe((seq) => log.push(`watermark ${seq}`));
  await appended;
  assert.equal(log, ["watermark 0", "watermark 1", "append 1"]);
});

test("never counts what cannot be read yet", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({ commitMs: 2, writer: { maxBatchEntries: 2 } });
    const counts: string[] = [];
    for (let item = 0; item < 2; item += 1) run.offer(draftOf(item));
    scheduler.schedule(() => {
      for (let item = 2; item < 7; item += 1) run.offer(draftOf(item));
    }, 1);
    run.watermark$.subscribe((watermark) => {
      let read = 0;
      run.entries$().subscribe(() => (read += 1));
      counts.push(`${watermark} ${read}`);
    });
    flush();
    assert.equal(counts, ["0 0", "2 2", "7 7"]);
  });
});

test("completes on close, after the end was told and the seal is done", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 2, faults: [{ on: "seal", stallMs: 5 }] });
    const log = watched(run);
    run.watermark$.subscribe({
      complete: () => log.push(`sealed ${run.manifest.status} ${run.manifest.highWatermark}`),
    });
    void run.close();
    flush();
    assert.equal(log.slice(2), [
      "2 watermark 1 1",
      "2 commit 1..1 1barrier",
      "7 watermark |",
      "sealed ended 1",
      "7 halt |",
      "7 commit |",
      "7 pressure |",
    ]);
  });
});

test("completes on abandon, once what was accepted is durable", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 3 });
    run.offer(draftOf(1));
    void run.abandon();
    expectObservable(run.watermark$).toBe("a--(b|)", { a: 0, b: 1 });
  });
});

test("completes after a backpressure halt once the drain is through", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 20, writer: { queueCapacity: 1, haltThresholdMs: 10 } });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    const expected = "a 19ms b 19ms (c|)";
    expectObservable(run.watermark$).toBe(expected, { a: 0, b: 1, c: 2 });
    expectObservable(run.halt$).toBe("----------(h|)", {
      h: {
        kind: "backpressure-stall",
        stalledForMs: 10,
        thresholdMs: 10,
        lastDurableSeq: 0,
        lostEntries: 0,
      },
    });
  });
});

test("completes at once after a backend failure, and stays where it was", () => {
  marbles(({ expectObservable, scheduler }) => {
    const run = memoryRun({ commitMs: 3, faults: [{ at: 2, fail: "error" }] });
    run.offer(draftOf(1));
    scheduler.schedule(() => run.offer(draftOf(2)), 1);
    expectObservable(run.watermark$).toBe("a--b--|", { a: 0, b: 1 });
  });
});

test.run();
