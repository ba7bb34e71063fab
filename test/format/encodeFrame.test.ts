import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeFrame, frameHeaderOf } from "../../src/format/decodeFrame.ts";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import type { CapturedDraft } from "../../src/model/entry.ts";
import { InvalidConfigError, InvalidEntryError } from "../../src/model/errors.ts";
import { anyDraft, CORRELATION_ID, draft, expectedEntry, MAX_UINT64 } from "./frames.ts";

const test = suite("encodeFrame");

const isRefused = (error: unknown): boolean => error instanceof InvalidEntryError;
const HEAD = { fromSeq: 1, epoch: 1 };

function roundTrip(drafts: readonly CapturedDraft[], fromSeq = 1): void {
  const { bytes } = encodeFrame(drafts, { fromSeq, epoch: 3 });
  sealFrame(bytes, GENESIS);
  const entries = [...decodeFrame(bytes).entries()];
  assert.equal(
    entries,
    drafts.map((given, index) => expectedEntry(given, fromSeq + index)),
  );
}

test("loses nothing of any batch", () => {
  fc.assert(
    fc.property(
      fc.array(anyDraft, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 20 }),
      roundTrip,
    ),
    { numRuns: 500 },
  );
});

test("loses nothing of a batch whose texts all differ", () => {
  const drafts = Array.from({ length: 10_000 }, (_, index) =>
    draft({ topic: `topic.${index}`, payloadType: `Type${index}` }),
  );
  roundTrip(drafts);
});

test("loses nothing of an entry with 256 index keys of 256 kinds", () => {
  const indexKeys = Array.from({ length: 256 }, (_, index) => ({
    kind: `kind-${index}`,
    key: "k".repeat(400),
  }));
  roundTrip([draft({ indexKeys }), draft(), draft({ indexKeys })]);
});

test("gives bytes that own their whole buffer, so that they can be transferred", () => {
  const { bytes } = encodeFrame([draft()], HEAD);
  assert.is(bytes.byteOffset, 0);
  assert.is(bytes.byteLength, bytes.buffer.byteLength);
  assert.is(Object.getPrototypeOf(bytes), Uint8Array.prototype);
  const moved = structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
  assert.is(bytes.byteLength, 0);
  assert.is(frameHeaderOf(moved).fromSeq, 1);
});

test("does not depend on the drafts afterwards", () => {
  const payload = Uint8Array.of(1, 2, 3);
  const { bytes } = encodeFrame([draft({ payload })], HEAD);
  payload.fill(9);
  sealFrame(bytes, GENESIS);
  assert.equal(decodeFrame(bytes).entryAt(1)?.payload, Uint8Array.of(1, 2, 3));
});

test("tells its seqs, epoch and times in the header", () => {
  const drafts = [5n, MAX_UINT64, 3n, 7n].map((tsInit) => draft({ tsInit }));
  const frame = encodeFrame(drafts, { fromSeq: 2 ** 40, epoch: 2 ** 33 + 1 });
  const header = frameHeaderOf(frame.bytes);
  assert.is(frame.fromSeq, 2 ** 40);
  assert.is(frame.toSeq, 2 ** 40 + 3);
  assert.is(header.fromSeq, 2 ** 40);
  assert.is(header.toSeq, 2 ** 40 + 3);
  assert.is(header.entryCount, 4);
  assert.is(header.epoch, 2 ** 33 + 1);
  assert.is(header.minTsInit, 3n);
  assert.is(header.maxTsInit, MAX_UINT64);
  assert.is(header.frameBytes, frame.bytes.length);
});

test("leaves hashes and chain open", () => {
  const { bytes } = encodeFrame([draft()], HEAD);
  const header = frameHeaderOf(bytes);
  const none = new Uint8Array(32);
  assert.equal(header.digest, none);
  assert.equal(header.previousDigest, none);
  assert.is(header.runMaxTsInit, 0n);
});

test("gives each index key once, with the first seq that mentioned it", () => {
  const [a, b] = [
    { kind: "clientOrderId", key: "O-1" },
    { kind: "venueOrderId", key: "O-1" },
  ] as const;
  const drafts = [[], [a, b, a], [b, { ...a, key: "O-2" }]].map((indexKeys) =>
    draft({ indexKeys }),
  );
  assert.equal(encodeFrame(drafts, { fromSeq: 10, epoch: 1 }).indexRows, [
    { ...a, seq: 11 },
    { ...b, seq: 11 },
    { kind: "clientOrderId", key: "O-2", seq: 12 },
  ]);
});

test("shares one empty list between frames without index keys", () => {
  const rows = encodeFrame([draft()], HEAD).indexRows;
  assert.is(rows.length, 0);
  assert.is(encodeFrame([draft()], HEAD).indexRows, rows);
});

test("refuses an empty batch and one of more entries than can be numbered", () => {
  for (const length of [0, 65_536]) {
    const drafts = Array.from({ length }, () => draft());
    assert.throws(
      () => encodeFrame(drafts, HEAD),
      (error: unknown) => error instanceof InvalidConfigError && error.value === length,
    );
  }
});

test("refuses what has no room in its field instead of cutting it", () => {
  const long = "x".repeat(65_536);
  assert.throws(() => encodeFrame([draft({ topic: long })], HEAD), isRefused);
  assert.throws(() => encodeFrame([draft({ payloadType: long })], HEAD), isRefused);
  assert.throws(
    () => encodeFrame([draft({ indexKeys: [{ kind: "k", key: long }] })], HEAD),
    isRefused,
  );
  assert.throws(() => encodeFrame([draft({ headers: { causationId: "no" } })], HEAD), isRefused);
  roundTrip([draft({ topic: long.slice(1), headers: { correlationId: CORRELATION_ID } })]);
});

test.run();
