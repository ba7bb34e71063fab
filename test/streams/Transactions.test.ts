import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FramedBatch } from "../../src/streams/frames.ts";
import type { AnchorSubmission } from "../../src/streams/Submission.ts";
import { Transactions } from "../../src/streams/Transactions.ts";

const test = suite("Transactions");
const KIB = 1_024;
const MIB = KIB * KIB;

function batch(entries: number, bytes: number = KIB): FramedBatch {
  const frame = { fromSeq: 1, toSeq: entries, bytes: new Uint8Array(bytes), indexRows: [] };
  return { kind: "frame", frame, entries, sizeBytes: bytes, closedBy: "count" };
}

const ANCHOR: AnchorSubmission = {
  kind: "anchor",
  snapshot: { blobRef: "b", contentHash: "c" },
  sizeBytes: 0,
  waiter: { failed: () => {} },
  isCancelled: false,
};

/** How many batches each has that is left; "anchor" for one. */
function shifted(transactions: Transactions): (number | "anchor")[] {
  const all: (number | "anchor")[] = [];
  for (let next = transactions.shift(); next !== undefined; next = transactions.shift()) {
    all.push(next.kind === "anchor" ? "anchor" : next.batches.length);
  }
  return all;
}

function lineOf(...works: readonly (FramedBatch | AnchorSubmission)[]): Transactions {
  const transactions = new Transactions();
  for (const work of works) transactions.push(work);
  return transactions;
}

test("a transaction takes batches up to 5,000 entries or 2 MiB", () => {
  assert.equal(shifted(lineOf(batch(2_500), batch(2_500), batch(1))), [2, 1]);
  assert.equal(shifted(lineOf(batch(2_500), batch(2_501), batch(1))), [1, 2]);
  assert.equal(shifted(lineOf(batch(1, MIB), batch(1, MIB), batch(1, 1))), [2, 1]);
  assert.equal(shifted(lineOf(batch(1, MIB), batch(1, MIB + 1), batch(1, 1))), [1, 2]);
});

test("a batch that is larger goes alone", () => {
  assert.equal(shifted(lineOf(batch(6_000), batch(1), batch(1, 3 * MIB), batch(1))), [1, 1, 1, 1]);
});

test("batches before and behind an anchor are not joined", () => {
  assert.equal(shifted(lineOf(batch(1), batch(1), ANCHOR, batch(1), ANCHOR, ANCHOR)), [
    2,
    "anchor",
    1,
    "anchor",
    "anchor",
  ]);
});

test("nothing joins a transaction that was taken", () => {
  const transactions = lineOf(batch(1));
  const taken = transactions.shift();
  transactions.push(batch(1));
  assert.is(taken?.kind === "transaction" && taken.batches.length, 1);
  assert.equal(shifted(transactions), [1]);
});

test("the next is large from four fifths of either limit on, and an anchor never is", () => {
  for (const [works, isLarge] of [
    [[], false],
    [[batch(2_000), batch(1_999)], false],
    [[batch(2_000), batch(2_000)], true],
    [[batch(1, 0.8 * 2 * MIB - 1)], false],
    [[batch(1, 0.8 * 2 * MIB + 1)], true],
    [[ANCHOR, batch(5_000)], false],
    [[batch(1), ANCHOR, batch(5_000)], false],
  ] as const) {
    assert.is(lineOf(...works).isNextLarge, isLarge);
  }
});

test.run();
