import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeFrame, frameHeaderOf } from "../../src/format/decodeFrame.ts";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { entryHashOf } from "../../src/format/entryHash.ts";
import { chainHeadOf, type ChainHead } from "../../src/format/frameHeader.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import { CorruptedError } from "../../src/model/errors.ts";
import { draft, hex, MAX_UINT64, richDrafts, sealedFrame } from "./frames.ts";

const test = suite("sealFrame");

test("gives every entry the hash that entryHashOf gives", () => {
  const entries = [...decodeFrame(sealedFrame(richDrafts(), 2 ** 33)).entries()];
  assert.is(entries.length, richDrafts().length);
  for (const entry of entries) assert.equal(entry.hash, entryHashOf(entry));
});

test("gives the pinned hash of the reference implementation", () => {
  const bytes = sealedFrame([draft()], 42);
  assert.is(
    hex(decodeFrame(bytes).entryAt(42)?.hash ?? new Uint8Array()),
    "06b08d9615241ccdee4c21303e8d5a21682ceb085eb4eaf170365c700836e620",
  );
});

test("starts a run from 32 zero bytes and no time", () => {
  assert.equal(GENESIS.digest, new Uint8Array(32));
  assert.is(GENESIS.maxTsInit, undefined);
  assert.equal(frameHeaderOf(sealedFrame([draft()])).previousDigest, new Uint8Array(32));
});

test("chains frames: each digest is over all bytes before it, the one of the last frame too", () => {
  let head: ChainHead = GENESIS;
  for (const fromSeq of [1, 6, 11]) {
    const previous = head;
    const { bytes } = encodeFrame(richDrafts(), { fromSeq, epoch: 1 });
    head = sealFrame(bytes, previous);
    const header = frameHeaderOf(bytes);
    const expected = createHash("sha256").update(bytes.subarray(0, -32)).digest();
    assert.equal(header.previousDigest, previous.digest);
    assert.is(hex(header.digest), hex(expected));
    assert.is(hex(head.digest), hex(expected));
    assert.equal(chainHeadOf(header), head);
  }
});

test("gives another digest after another frame", () => {
  const first = sealFrame(encodeFrame([draft()], { fromSeq: 1, epoch: 1 }).bytes, GENESIS);
  const second = encodeFrame([draft()], { fromSeq: 2, epoch: 1 }).bytes;
  const after = sealFrame(second, first);
  const atStart = sealFrame(second, GENESIS);
  assert.not.equal(after.digest, atStart.digest);
});

test("carries the largest time of the run from frame to frame", () => {
  let head: ChainHead = GENESIS;
  const seen = [[5n, 9n], [1n, 2n], [0n], [MAX_UINT64, 3n], [7n]].map((times, index) => {
    const drafts = times.map((tsInit) => draft({ tsInit }));
    const { bytes } = encodeFrame(drafts, { fromSeq: 1 + 2 * index, epoch: 1 });
    head = sealFrame(bytes, head);
    assert.is(frameHeaderOf(bytes).runMaxTsInit, head.maxTsInit);
    return head.maxTsInit;
  });
  assert.equal(seen, [9n, 9n, 9n, MAX_UINT64, MAX_UINT64]);
});

test("knows a run whose only time is 0 from an empty one", () => {
  const { bytes } = encodeFrame([draft({ tsInit: 0n })], { fromSeq: 1, epoch: 1 });
  assert.is(sealFrame(bytes, GENESIS).maxTsInit, 0n);
});

test("gives the same bytes when it is done again", () => {
  const bytes = sealedFrame(richDrafts());
  const before = hex(bytes);
  sealFrame(bytes, GENESIS);
  assert.is(hex(bytes), before);
});

test("gives a digest that does not change with the frame", () => {
  const { bytes } = encodeFrame([draft()], { fromSeq: 1, epoch: 1 });
  const { digest } = sealFrame(bytes, GENESIS);
  const before = hex(digest);
  bytes.fill(0);
  assert.is(hex(digest), before);
});

test("seals a frame that lies anywhere in a larger buffer", () => {
  const expected = sealedFrame(richDrafts());
  const { bytes } = encodeFrame(richDrafts(), { fromSeq: 1, epoch: 7 });
  const around = Buffer.alloc(bytes.length + 20, 0xee);
  around.set(bytes, 3);
  sealFrame(around.subarray(3, 3 + bytes.length), GENESIS);
  assert.is(hex(around.subarray(3, 3 + bytes.length)), hex(expected));
  assert.is(hex(around.subarray(3 + bytes.length)), "ee".repeat(17));
});

test("refuses bytes that are no frame", () => {
  assert.throws(
    () => sealFrame(new Uint8Array(500), GENESIS),
    (error: unknown) => error instanceof CorruptedError,
  );
});

test.run();
