import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HaltedError } from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";

const test = suite("a halt on an overflow of the line");

const OVERFLOW: HaltReason = {
  kind: "overflow",
  maxWaiting: 2,
  lastDurableSeq: 0,
  lostEntries: 0,
};

test("the draft that would make the line longer than maxWaiting halts at once", async () => {
  const submits = marbles(({ expectObservable, flush }) => {
    const run = memoryRun({ commitMs: 10, writer: { queueCapacity: 1, maxWaiting: 2 } });
    const submitted = [1, 2, 3, 4].map((item) => run.submit(draftOf(item)));
    assert.is(run.offer(draftOf(9)), false);
    submitted.push(run.submit(draftOf(5)));
    submitted.push(run.submit(draftOf(6)));
    expectObservable(run.halt$).toBe("(h|)", { h: OVERFLOW });
    expectObservable(run.watermark$).toBe("a 9ms b 9ms (c|)", { a: 0, b: 1, c: 2 });
    flush();
    assert.is(run.accepted, 2);
    return submitted;
  });
  assert.equal(await Promise.all(submits.slice(0, 2)), [1, 2]);
  // The line, the one too many, and whoever comes after it.
  for (const submit of submits.slice(2)) {
    const failure = (await failureOf(submit)) as HaltedError;
    assert.is(failure.code, "TIDEMARK_HALTED");
    assert.equal(failure.reason, OVERFLOW);
  }
});

test("so does one that would make the line larger than maxWaitingBytes", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({
      commitMs: 10,
      writer: { queueCapacity: 1, maxWaitingBytes: 1_000 },
    });
    const draft = { topic: "t", payloadType: "T", payload: Buffer.alloc(400) };
    for (let item = 0; item < 4; item += 1) run.submissions.next(draft);
    assert.is(run.accepted, 2);
    // Two waited; the third would not fit.
    run.submissions.next(draft);
    expectObservable(run.halt$).toBe("(h|)", {
      h: { ...OVERFLOW, maxWaiting: 100_000, maxWaitingBytes: 1_000 },
    });
    expectObservable(run.watermark$).toBe("a 9ms b 9ms (c|)", { a: 0, b: 1, c: 2 });
  });
});

test("a line of none halts with the first draft that would have to wait", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({ commitMs: 10, writer: { queueCapacity: 1, maxWaiting: 0 } });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    expectObservable(run.halt$).toBe("(h|)", { h: { ...OVERFLOW, maxWaiting: 0 } });
  });
});

test("an anchor has its place in the same line, and rejects with the rest of it", async () => {
  const snapshot = { blobRef: "b", contentHash: "c" };
  const refused = marbles(() => {
    const run = memoryRun({ commitMs: 10, writer: { queueCapacity: 1, maxWaiting: 1 } });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    return [run.recordSnapshotAnchor(snapshot), run.latestSnapshotAnchor()] as const;
  });
  assert.is((await failureOf(refused[0])).code, "TIDEMARK_HALTED");
});

test("submissions reports an overflow by the halt alone, and never throws", () => {
  marbles(() => {
    const run = memoryRun({ commitMs: 10, writer: { queueCapacity: 1, maxWaiting: 0 } });
    let halts = 0;
    run.halt$.subscribe(() => (halts += 1));
    for (let item = 0; item < 10; item += 1) run.submissions.next(draftOf(item));
    assert.is(halts, 1);
  });
});

test.run();
