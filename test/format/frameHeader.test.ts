import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { FORMAT_VERSION } from "../../src/format/formatVersion.ts";
import { frameHeaderOf } from "../../src/format/frameHeader.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { CorruptedError, UnsupportedFormatError } from "../../src/model/errors.ts";
import { draft, sealedFrame } from "./frames.ts";

const test = suite("frameHeaderOf");

function damaged(change: (view: DataView) => void): Uint8Array {
  const bytes = sealedFrame([draft(), draft()], 10);
  change(new DataView(bytes.buffer));
  return bytes;
}

test("reads a frame that is not sealed yet", () => {
  const { bytes } = encodeFrame([draft()], { fromSeq: 3, epoch: 2 });
  const { version, fromSeq, toSeq, epoch } = frameHeaderOf(bytes);
  assert.equal({ version, fromSeq, toSeq, epoch }, { version: 1, fromSeq: 3, toSeq: 3, epoch: 2 });
});

test("gives digests that are copies", () => {
  const bytes = Buffer.from(sealedFrame([draft()]));
  const { digest } = frameHeaderOf(bytes);
  const before = digest.slice();
  bytes.fill(0);
  assert.equal(digest, before);
});

for (const version of [0, 2, 65_535]) {
  test(`tells version ${version} from damage`, () => {
    const bytes = damaged((view) => view.setUint16(layout.AT_VERSION, version, true));
    assert.throws(
      () => frameHeaderOf(bytes),
      (error: unknown) => error instanceof UnsupportedFormatError && error.found === version,
    );
  });
}

test("tells a later version by its first 6 bytes alone", () => {
  const bytes = sealedFrame([draft()]).slice(0, 8);
  new DataView(bytes.buffer).setUint16(layout.AT_VERSION, FORMAT_VERSION + 1, true);
  assert.throws(
    () => frameHeaderOf(bytes),
    (error: unknown) => error instanceof UnsupportedFormatError,
  );
});

test("refuses every frame that is cut off or goes on", () => {
  const bytes = sealedFrame([draft(), draft()]);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => frameHeaderOf(bytes.slice(0, length)),
      (error: unknown) => error instanceof CorruptedError,
    );
  }
  const longer = new Uint8Array(bytes.length + 8);
  longer.set(bytes);
  assert.throws(
    () => frameHeaderOf(longer),
    (error: unknown) => error instanceof CorruptedError && error.seq === 1,
  );
});

for (const [name, change] of [
  ["another magic", (view) => view.setUint32(layout.AT_MAGIC, 1, true)],
  ["no entries", (view) => view.setUint32(layout.AT_ENTRY_COUNT, 0, true)],
  ["more entries than bytes", (view) => view.setUint32(layout.AT_ENTRY_COUNT, 9, true)],
  ["2^32 - 1 entries", (view) => view.setUint32(layout.AT_ENTRY_COUNT, 0xffff_ffff, true)],
  ["seq 0", (view) => view.setBigUint64(layout.AT_FROM_SEQ, 0n, true)],
  ["a first seq beyond 2^53", (view) => view.setBigUint64(layout.AT_FROM_SEQ, 2n ** 53n, true)],
  ["a last seq beyond 2^53", (view) => view.setBigUint64(layout.AT_FROM_SEQ, 2n ** 53n - 1n, true)],
  ["an epoch beyond 2^53", (view) => view.setBigUint64(layout.AT_EPOCH, 2n ** 63n, true)],
  ["a head that ends in the header", (view) => view.setUint32(layout.AT_HEAD_BYTES, 104, true)],
  ["a head that is not aligned", (view) => view.setUint32(layout.AT_HEAD_BYTES, 147, true)],
  ["a head beyond the frame", (view) => view.setUint32(layout.AT_HEAD_BYTES, 0xffff_fff8, true)],
  ["a word that means nothing yet", (view) => view.setUint16(layout.AT_RESERVED, 1, true)],
  ["times upside down", (view) => view.setBigUint64(layout.AT_MIN_TS_INIT, 2n ** 63n, true)],
] as const satisfies readonly (readonly [string, (view: DataView) => void])[]) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => frameHeaderOf(damaged(change)),
      (error: unknown) => error instanceof CorruptedError,
    );
  });
}

test.run();
