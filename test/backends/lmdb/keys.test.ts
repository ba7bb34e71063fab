import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  ANCHOR_KEY,
  EPOCH_KEY,
  FRAMES_END,
  FRAMES_START,
  frameKey,
  fromSeqOf,
  indexKeyOf,
  indexRangeOf,
  indexRowKey,
  numberBytesOf,
  numberOf,
} from "../../../src/backends/lmdb/keys.ts";

const test = suite("keys");

function row(kind: string, key: string): Uint8Array {
  const bytes = indexRowKey(kind, key);
  assert.ok(bytes);
  return bytes;
}

test("every row before the frames, and frames by their first seq", () => {
  const sorted = [
    EPOCH_KEY,
    ANCHOR_KEY,
    row("a", "b"),
    row("zz", "\u{10ffff}"),
    FRAMES_START,
    frameKey(0),
    frameKey(1),
    frameKey(255),
    frameKey(256),
    frameKey(2 ** 32 - 1),
    frameKey(2 ** 32),
    frameKey(Number.MAX_SAFE_INTEGER),
    FRAMES_END,
  ];
  for (const [at, key] of sorted.entries()) {
    const next = sorted[at + 1];
    if (next !== undefined) assert.ok(Buffer.compare(key, next) < 0, `row ${at}`);
  }
});

test("a frame's key gives its seq back, and no other key does", () => {
  for (const seq of [1, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER]) {
    assert.is(fromSeqOf(frameKey(seq)), seq);
  }
  assert.is(fromSeqOf(FRAMES_START), undefined);
  assert.is(fromSeqOf(row("clientOr", "")), undefined);
});

test("a number that is not safe is none", () => {
  assert.is(numberOf(numberBytesOf(Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER);
  assert.is(numberOf(Buffer.from("0020000000000000", "hex")), undefined);
  assert.is(numberOf(new Uint8Array(7)), undefined);
});

test("rows of a kind are in its range, and rows of another are not", () => {
  const range = indexRangeOf("order");
  assert.ok(range);
  const isInside = (key: Uint8Array): boolean =>
    Buffer.compare(range?.start ?? key, key) <= 0 && Buffer.compare(key, range?.end ?? key) < 0;
  assert.ok(isInside(row("order", "\u0001")));
  assert.ok(isInside(row("order", "\u{10ffff}")));
  assert.not(isInside(row("orders", "1")));
  assert.not(isInside(row("orde", "r1")));
});

test("a row gives its key back", () => {
  assert.is(indexKeyOf(row("Größe", "Ω/1"), "Größe"), "Ω/1");
});

test("what no draft can carry has no row", () => {
  assert.is(indexRowKey("a\0b", "c"), undefined);
  assert.is(indexRowKey("a", "b\0c"), undefined);
  assert.is(indexRowKey("a", "\ud800"), undefined);
  assert.is(indexRowKey("a", "b".repeat(600)), undefined);
  assert.is(indexRangeOf("\ud800"), undefined);
  assert.is(row("k".repeat(240), "k".repeat(240)).byteLength, 482);
});

test.run();
