import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkEntries } from "../../src/format/checkEntries.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import type { TidemarkError } from "../../src/model/errors.ts";
import { frameOf } from "../backends/lmdb/sampleFrames.ts";

const test = suite("checkEntries");

function sealed(count: number): Uint8Array {
  const { bytes } = frameOf(7, count, { indexKeys: [{ kind: "id", key: "k" }] });
  sealFrame(bytes, GENESIS);
  return bytes;
}

test("passes what was sealed", () => {
  checkEntries(sealed(1));
  checkEntries(sealed(100));
});

test("throws for every bit of head and entries that differs", () => {
  const whole = sealed(2);
  for (let bit = 0; bit < (whole.length - layout.DIGEST_BYTES) * 8; bit += 1) {
    const bytes = whole.slice();
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    let code: string | undefined;
    try {
      checkEntries(bytes);
    } catch (error) {
      ({ code } = error as TidemarkError);
    }
    // What pads an entry is covered by the digest of the frame alone.
    if (code === undefined) assert.is(whole[bit >> 3], 0, `bit ${bit}`);
  }
});

test("tells the first entry whose hash does not hold", () => {
  const bytes = sealed(3);
  const last = bytes.length - layout.DIGEST_BYTES - 8;
  bytes[last] = (bytes[last] as number) ^ 1;
  assert.throws(
    () => checkEntries(bytes),
    (error: TidemarkError) =>
      error.code === "TIDEMARK_HASH_MISMATCH" && Reflect.get(error, "seq") === 9,
  );
});

test.run();
