import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WriterReply } from "../../../src/backends/lmdb/protocol.ts";
import { encodeReply, ReplyReader } from "../../../src/backends/lmdb/replies.ts";
import { throws } from "./rejection.ts";

const test = suite("replies");

const REPLIES: readonly WriterReply[] = [
  { type: "opened", state: { epoch: 1, watermark: 0 }, txnid: 1 },
  { type: "committed", toSeq: 2 ** 53 - 1, commitMs: 0.5, txnid: 2 ** 53 - 1 },
  { type: "anchored", txnid: 9 },
  { type: "checkpointed" },
  { type: "ended", state: { epoch: 3, watermark: 9, maxTsInit: 2n ** 64n - 1n } },
  { type: "refused", failure: { kind: "out-of-order", seq: 5, highWatermark: 1 } },
  { type: "refused", failure: { kind: "fenced", epoch: 1, foundEpoch: 2 } },
  { type: "failed", failure: { kind: "disk", message: "voll: ünicode\n", errno: 28 } },
  { type: "failed", failure: { kind: "backend", message: "" } },
  { type: "failed", failure: { kind: "corrupted", message: "m", seq: 4 } },
];

test("replies arrive as they were made, wherever the pipe cuts them", () => {
  const bytes = Buffer.concat(REPLIES.map(encodeReply));
  assert.equal(new ReplyReader().push(bytes), REPLIES);
  for (let at = 0; at <= bytes.byteLength; at += 1) {
    const reader = new ReplyReader();
    const parts = [bytes.subarray(0, at), bytes.subarray(at)];
    assert.equal(
      parts.flatMap((part) => reader.push(part)),
      REPLIES,
    );
  }
  const reader = new ReplyReader();
  const arrived = [...bytes].flatMap((byte) => reader.push(Buffer.of(byte)));
  assert.equal(arrived, REPLIES);
});

test("what is no reply is told", () => {
  for (const line of [
    "",
    "garbage",
    "null",
    "[]",
    "7",
    '{"type":"other"}',
    '{"type":"toString"}',
    '{"type":"opened"}',
    '{"type":"opened","state":{"epoch":1},"txnid":1}',
    '{"type":"opened","state":{"epoch":1,"watermark":1}}',
    '{"type":"anchored"}',
    '{"type":"anchored","txnid":-1}',
    '{"type":"ended","state":{"epoch":1,"watermark":-1}}',
    '{"type":"ended","state":{"epoch":1,"watermark":1,"maxTsInit":"x"}}',
    '{"type":"ended","state":{"epoch":1,"watermark":1,"maxTsInit":1}}',
    '{"type":"committed","toSeq":1,"commitMs":1}',
    '{"type":"failed"}',
    '{"type":"failed","failure":null}',
    '{"type":"failed","failure":{"kind":"other","message":""}}',
    '{"type":"failed","failure":{"kind":"valueOf","message":""}}',
    '{"type":"failed","failure":{"kind":"disk"}}',
    '{"type":"failed","failure":{"kind":"disk","message":"","errno":"28"}}',
    '{"type":"refused","failure":{"kind":"fenced","epoch":1}}',
  ]) {
    const code = "TIDEMARK_BACKEND";
    throws(() => new ReplyReader().push(Buffer.from(`${line}\n`)), { code });
  }
});

test("a commit that is told with impossible numbers is told", () => {
  for (const [toSeq, commitMs, txnid] of [
    [1.5, 1, 1],
    [-1, 1, 1],
    [NaN, 1, 1],
    [2 ** 53, 1, 1],
    [1, -1, 1],
    [1, NaN, 1],
    [1, 1, -1],
    [1, 1, 0.5],
  ] as const) {
    const bytes = Buffer.from(encodeReply({ type: "committed", toSeq, commitMs, txnid }));
    throws(() => new ReplyReader().push(bytes), { code: "TIDEMARK_BACKEND" });
  }
});

test("a line without an end is not kept for ever", () => {
  const reader = new ReplyReader();
  const chunk = Buffer.alloc(1024, "x");
  throws(
    () => {
      for (let chunks = 0; chunks < 100; chunks += 1) reader.push(chunk);
    },
    { code: "TIDEMARK_BACKEND" },
  );
});

test.run();
