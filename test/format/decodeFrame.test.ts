import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { checkDigest, decodeFrame } from "../../src/format/decodeFrame.ts";
import { AT_HASH, DIGEST_BYTES } from "../../src/format/frameLayout.ts";
import { CorruptedError, HashMismatchError, TidemarkError } from "../../src/model/errors.ts";
import { draft, expectedEntry, hex, indexRowsIn, richDrafts, sealedFrame } from "./frames.ts";

const test = suite("decodeFrame");

const isCorrupted = (error: unknown): boolean => error instanceof CorruptedError;
const isTyped = (error: unknown): boolean => error instanceof TidemarkError;

test("gives every entry alone as it gives it among the others", () => {
  const frame = decodeFrame(sealedFrame(richDrafts(), 100));
  const entries = [...frame.entries()];
  assert.is(entries.length, 5);
  assert.equal(
    entries.map(({ seq }) => frame.entryAt(seq)),
    entries,
  );
});

test("gives nothing for a seq of another frame", () => {
  const frame = decodeFrame(sealedFrame(richDrafts(), 100));
  for (const seq of [0, 99, 105, 100.5, -1, Number.NaN, Infinity]) {
    assert.is(frame.entryAt(seq), undefined);
  }
});

test("can be gone through more than once", () => {
  const frame = decodeFrame(sealedFrame(richDrafts()));
  assert.equal([...frame.entries()], [...frame.entries()]);
});

test("gives payloads and hashes that are copies", () => {
  for (const bytes of [sealedFrame(richDrafts()), Buffer.from(sealedFrame(richDrafts()))]) {
    const frame = decodeFrame(bytes);
    const [entry] = [...frame.entries()];
    bytes.fill(0);
    assert.ok(entry);
    assert.equal(entry.payload, Uint8Array.of(1, 2, 3));
    assert.ok(entry.payload.buffer.byteLength <= 64 * 1024);
    assert.is.not(hex(entry.hash), "00".repeat(32));
    assert.is.not(hex(frame.header.digest), "00".repeat(32));
  }
});

test("gives payloads of which a kept one keeps little memory, and a changed one changes no other", () => {
  const large = Array.from({ length: 3 }, () => draft({ payload: new Uint8Array(40_000).fill(7) }));
  for (const drafts of [richDrafts(), large]) {
    const frame = decodeFrame(sealedFrame(drafts));
    const [first, ...rest] = [...frame.entries()];
    first?.payload.fill(0xff);
    assert.equal(rest, [...frame.entries()].slice(1));
    for (const { payload } of rest) assert.ok(payload.buffer.byteLength <= 64 * 1024);
  }
});

test("reads a frame that lies anywhere in a larger buffer", () => {
  const bytes = sealedFrame(richDrafts());
  const around = Buffer.concat([Buffer.alloc(3, 0xee), bytes, Buffer.alloc(5, 0xee)]);
  const [given] = richDrafts();
  const entry = decodeFrame(around.subarray(3, 3 + bytes.length)).entryAt(1);
  assert.ok(given);
  assert.equal(entry, expectedEntry(given, 1));
});

test("keeps a byte order mark at the start of a text", () => {
  const bytes = sealedFrame([draft({ topic: "\uFEFFtopic", payloadType: "\uFFFD" })]);
  assert.is(decodeFrame(bytes).entryAt(1)?.topic, "\uFEFFtopic");
  assert.is(decodeFrame(bytes).entryAt(1)?.payloadType, "\uFFFD");
});

test("names the entry whose hash does not hold, and still gives the others one by one", () => {
  const bytes = sealedFrame(
    [1, 2, 3].map((byte) => draft({ payload: Uint8Array.of(byte) })),
    10,
  );
  const at = bytes.length - DIGEST_BYTES - 2 * 64 + AT_HASH;
  bytes[at] = (bytes[at] as number) ^ 1;
  const frame = decodeFrame(bytes);
  assert.throws(
    () => frame.entryAt(11),
    (error: unknown) => error instanceof HashMismatchError && error.seq === 11,
  );
  assert.equal(frame.entryAt(10)?.payload, Uint8Array.of(1));
  assert.equal(frame.entryAt(12)?.payload, Uint8Array.of(3));
});

test("leaves the digest to checkDigest: entries prove themselves", () => {
  const bytes = sealedFrame(richDrafts(), 10);
  const last = bytes.length - 1;
  checkDigest(bytes);
  bytes[last] = (bytes[last] as number) ^ 1;
  assert.throws(
    () => checkDigest(bytes),
    (error: unknown) => error instanceof CorruptedError && error.seq === 10,
  );
  assert.is([...decodeFrame(bytes).entries()].length, 5);
});

test("refuses a frame that was not sealed", () => {
  const { bytes } = encodeFrame(richDrafts(), { fromSeq: 1, epoch: 1 });
  assert.throws(() => decodeFrame(bytes), isCorrupted);
  assert.throws(() => checkDigest(bytes), isCorrupted);
  assert.throws(() => indexRowsIn(bytes), isCorrupted);
});

test("lists the index keys of a sealed frame as encodeFrame does", () => {
  const { indexRows } = encodeFrame(richDrafts(), { fromSeq: 50, epoch: 7 });
  assert.equal(indexRowsIn(sealedFrame(richDrafts(), 50)), indexRows);
  assert.equal(indexRows, [
    { kind: "clientOrderId", key: "O-19", seq: 50 },
    { kind: "venueOrderId", key: "V-ü-1", seq: 50 },
  ]);
  assert.equal(indexRowsIn(sealedFrame([draft()])), []);
});

test("gives no entry and no index key of a head that is damaged anywhere", () => {
  const bytes = sealedFrame(richDrafts());
  for (let at = 0; at < decodeFrame(bytes).header.headBytes; at++) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ 0x10;
    assert.throws(() => decodeFrame(damaged), isTyped);
    assert.throws(() => indexRowsIn(damaged), isTyped);
  }
});

test.run();
