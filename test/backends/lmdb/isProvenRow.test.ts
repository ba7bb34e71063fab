import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeAnchor } from "../../../src/backends/lmdb/anchorRow.ts";
import { encodeIndexRow } from "../../../src/backends/lmdb/indexRow.ts";
import { isProvenRow } from "../../../src/backends/lmdb/isProvenRow.ts";
import {
  ANCHOR_KEY,
  EPOCH_KEY,
  frameKey,
  indexRowKey,
  numberBytesOf,
  RUN_KEY,
} from "../../../src/backends/lmdb/keys.ts";
import type { Row } from "../../../src/backends/lmdb/Rows.ts";
import { GENESIS, sealFrame } from "../../../src/format/sealFrame.ts";
import { frameOf } from "./sampleFrames.ts";

const test = suite("isProvenRow");
const TXNID = 9;
const NEW = { before: undefined, txnid: TXNID };

function over(before: Uint8Array): { readonly before: Uint8Array; readonly txnid: number } {
  return { before, txnid: TXNID };
}

function anchorOf(txnid: number): Row {
  const anchor = { highWatermark: 3, blobRef: "b", contentHash: "c" };
  return { key: ANCHOR_KEY, value: encodeAnchor(anchor, txnid) };
}

function sealed(payload: string): Uint8Array {
  const { bytes } = frameOf(5, 1, { payload: Buffer.from(payload) });
  sealFrame(bytes, GENESIS);
  return bytes;
}

test("a frame and an index row prove themselves, and are never replaced", () => {
  const frame = { key: frameKey(5), value: sealed("a") };
  assert.ok(isProvenRow(frame, NEW));
  assert.not(isProvenRow({ ...frame, key: frameKey(6) }, NEW));
  assert.not(isProvenRow(frame, over(sealed("b"))));
  const key = indexRowKey("id", "O-5") as Uint8Array;
  const indexRow = encodeIndexRow(key, 5);
  assert.ok(isProvenRow(indexRow, NEW));
  assert.not(isProvenRow(indexRow, over(encodeIndexRow(key, 4).value)));
});

test("an anchor is that of the transaction", () => {
  for (const change of [NEW, over(anchorOf(TXNID - 1).value)]) {
    assert.ok(isProvenRow(anchorOf(TXNID), change));
    assert.not(isProvenRow(anchorOf(TXNID - 3), change));
    assert.not(isProvenRow(anchorOf(TXNID + 1), change));
  }
});

test("an epoch is above the one before, and the run stays", () => {
  const before = numberBytesOf(4);
  assert.ok(isProvenRow({ key: EPOCH_KEY, value: numberBytesOf(5) }, over(before)));
  assert.not(isProvenRow({ key: EPOCH_KEY, value: numberBytesOf(3) }, over(before)));
  assert.not(isProvenRow({ key: EPOCH_KEY, value: before.subarray(1) }, over(before)));
  assert.not(isProvenRow({ key: RUN_KEY, value: Buffer.from("a") }, over(Buffer.from("b"))));
});

test.run();
