import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proveAbsence, proveRowBefore, proveRowFrom } from "../../../src/backends/lmdb/absence.ts";
import { decodeIndexRow, encodeIndexRow } from "../../../src/backends/lmdb/indexRow.ts";
import {
  ANCHOR_KEY,
  EPOCH_KEY,
  frameKey,
  indexRangeOf,
  indexRowKey,
  RUN_KEY,
} from "../../../src/backends/lmdb/keys.ts";
import type { Row, RowRange, Rows } from "../../../src/backends/lmdb/Rows.ts";
import { throws } from "./rejection.ts";

const test = suite("index rows");

const DAMAGE = { code: "TIDEMARK_CORRUPTED" };
const NOTHING = new Uint8Array();

function keyOf(key: string, kind = "order"): Uint8Array {
  const row = indexRowKey(kind, key);
  if (row === undefined) throw new Error(`${kind} ${key} is no key`);
  return row;
}

/** A row in which one bit of the key or of the value is another. */
function flipped({ key, value }: Row, bit: number): Row {
  const bytes = Buffer.concat([key, value]);
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
  return { key: bytes.subarray(0, key.length), value: bytes.subarray(key.length) };
}

/** Rows as a tree without damage to its structure gives them: in the order of their keys. */
function rowsOf(...rows: readonly Row[]): Rows {
  const sorted = rows.toSorted((a, b) => Buffer.compare(a.key, b.key));
  return {
    getRange: ({ start, end, reverse = false, limit = Infinity }: RowRange) => {
      const [low, high] = reverse ? [end, start] : [start, end];
      const within = sorted.filter(({ key }) => {
        const [fromLow, toHigh] = [Buffer.compare(key, low), Buffer.compare(key, high)];
        return reverse ? fromLow > 0 && toHigh <= 0 : fromLow >= 0 && toHigh < 0;
      });
      return (reverse ? within.toReversed() : within).slice(0, limit);
    },
  };
}

const SINGLE = [RUN_KEY, EPOCH_KEY, ANCHOR_KEY].map((key) => ({ key, value: NOTHING }));
const FRAME = { key: frameKey(1), value: NOTHING };

test("a row gives its seq back, and no flipped bit of key or value does", () => {
  const row = encodeIndexRow(keyOf("O-19"), 2 ** 40);
  assert.is(decodeIndexRow(row), 2 ** 40);
  for (let bit = 0; bit < 8 * (row.key.length + row.value.length); bit += 1) {
    throws(() => decodeIndexRow(flipped(row, bit)), DAMAGE);
  }
});

test("a row that is too short, or has the value of another key, is damage", () => {
  const row = encodeIndexRow(keyOf("O-19"), 7);
  for (const value of [NOTHING, row.value.subarray(0, 3), row.value.subarray(0, 8)]) {
    throws(() => decodeIndexRow({ key: row.key, value }), DAMAGE);
  }
  throws(() => decodeIndexRow({ key: keyOf("O-20"), value: row.value }), DAMAGE);
});

test("a key that is in no row is absent, wherever it would stand", () => {
  const rows = rowsOf(...SINGLE, encodeIndexRow(keyOf("m"), 1), FRAME);
  for (const key of ["a", "m1", "z"]) proveAbsence(rows, keyOf(key));
  proveAbsence(rowsOf(...SINGLE, FRAME), keyOf("a"));
  proveAbsence(rowsOf(), keyOf("a"));
  proveAbsence(rowsOf(SINGLE[0] as Row, SINGLE[1] as Row, FRAME), ANCHOR_KEY);
});

test("whichever bit of its key is flipped, a row is not absent while rows are in order", () => {
  const [before, row, after] = ["a", "m", "z"].map((key, at) => encodeIndexRow(keyOf(key), at + 1));
  if (before === undefined || row === undefined || after === undefined) return assert.unreachable();
  let inOrder = 0;
  for (let bit = 0; bit < 8 * row.key.length; bit += 1) {
    const damaged = flipped(row, bit);
    const isInOrder =
      Buffer.compare(before.key, damaged.key) < 0 && Buffer.compare(damaged.key, after.key) < 0;
    // Else the check of the page finds it.
    if (!isInOrder) continue;
    inOrder += 1;
    const rows = rowsOf(...SINGLE, before, damaged, after, FRAME);
    throws(() => proveAbsence(rows, row.key), DAMAGE);
  }
  assert.ok(inOrder > 0);
});

test("an anchor whose key is damaged is not absent", () => {
  for (const key of [0x11, 0x21, 0x28, 0x30]) {
    const damaged = { key: Uint8Array.of(key), value: Uint8Array.of(1, 2, 3) };
    const rows = rowsOf(SINGLE[0] as Row, SINGLE[1] as Row, damaged, FRAME);
    throws(() => proveAbsence(rows, ANCHOR_KEY), DAMAGE);
  }
});

test("a first or last row that fell out of its kind stands beside the range of the kind", () => {
  const range = indexRangeOf("order");
  if (range === undefined) return assert.unreachable();
  const row = encodeIndexRow(keyOf("O-19"), 7);
  const above = { ...row, key: keyOf("O-19", "ordes") };
  throws(() => proveRowFrom(rowsOf(...SINGLE, above, FRAME), range.end), DAMAGE);
  const below = { ...row, key: keyOf("O-19", "ordep") };
  throws(() => proveRowBefore(rowsOf(...SINGLE, below, FRAME), range.start), DAMAGE);
});

test.run();
