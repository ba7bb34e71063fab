import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeFrame } from "../../src/format/decodeFrame.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { OpenFrame } from "../../src/format/OpenFrame.ts";
import { CorruptedError } from "../../src/model/errors.ts";
import { draft, reseal, sealedFrame } from "./frames.ts";

const test = suite("OpenFrame");

const ORDER = { kind: "clientOrderId", key: "O-1" };

/** Two entries with a key each; both keys take the same room. */
function keyedFrame(): Uint8Array {
  return sealedFrame([
    draft({ indexKeys: [ORDER] }),
    draft({ indexKeys: [{ ...ORDER, key: "O-2" }] }),
  ]);
}

const SECOND_KEY = layout.KEY_HEADER_BYTES + ORDER.key.length;

function refusesForged(bytes: Uint8Array): void {
  reseal(bytes, new OpenFrame(keyedFrame()).header.headBytes);
  assert.throws(
    () => decodeFrame(bytes),
    (error: unknown) => error instanceof CorruptedError && error.seq === 1,
  );
}

for (const [name, forge] of [
  ["of no entry", (view, at) => view.setUint16(at + SECOND_KEY + layout.AT_KEY_ENTRY, 2, true)],
  ["out of order", (view, at) => view.setUint16(at + layout.AT_KEY_ENTRY, 65_535, true)],
  ["of no kind", (view, at) => view.setUint32(at + layout.AT_KEY_KIND_ID, 1, true)],
  ["beyond the head", (view, at) => view.setUint16(at + layout.AT_KEY_BYTES, 60_000, true)],
  ["that reaches into the CRC", (view, at) => view.setUint16(at + SECOND_KEY + 2, 13, true)],
] as const satisfies readonly (readonly [string, (view: DataView, at: number) => void])[]) {
  test(`refuses an index key ${name}, though CRC and digest hold`, () => {
    const bytes = keyedFrame();
    forge(new DataView(bytes.buffer), new OpenFrame(bytes).indexKeysAt);
    refusesForged(bytes);
  });
}

test("refuses index keys whose entries run backwards: a reader would miss the later one", () => {
  const bytes = keyedFrame();
  const view = new DataView(bytes.buffer);
  const at = new OpenFrame(bytes).indexKeysAt;
  view.setUint16(at + layout.AT_KEY_ENTRY, 1, true);
  view.setUint16(at + SECOND_KEY + layout.AT_KEY_ENTRY, 0, true);
  refusesForged(bytes);
});

test("refuses a head that hides bytes between its keys and its CRC", () => {
  const bytes = keyedFrame();
  const { headBytes } = new OpenFrame(bytes).header;
  const longer = new Uint8Array(bytes.length + 8);
  longer.set(bytes.subarray(0, headBytes - 4));
  longer.set(bytes.subarray(headBytes - 4), headBytes + 4);
  const view = new DataView(longer.buffer);
  view.setUint32(layout.AT_FRAME_BYTES, longer.length, true);
  view.setUint32(layout.AT_HEAD_BYTES, headBytes + 8, true);
  refusesForged(longer);
});

for (const [name, bytesOfKey] of [
  ["a byte that is no UTF-8", [0x4f, 0x2d, 0xff]],
  ["half a character", [0x4f, 0xe2, 0x9c]],
] as const) {
  test(`refuses a key with ${name} instead of replacing it`, () => {
    const bytes = keyedFrame();
    const frame = new OpenFrame(bytes);
    bytes.set(bytesOfKey, frame.indexKeysAt + layout.KEY_HEADER_BYTES);
    reseal(bytes, frame.header.headBytes);
    assert.throws(
      () => decodeFrame(bytes).entryAt(1),
      (error: unknown) => error instanceof CorruptedError,
    );
    assert.is(decodeFrame(bytes).entryAt(2)?.indexKeys[0]?.key, "O-2");
  });
}

test.run();
