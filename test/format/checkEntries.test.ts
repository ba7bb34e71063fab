import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkEntries } from "../../src/format/checkEntries.ts";
import { decodeFrame } from "../../src/format/decodeFrame.ts";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { entryHashOf } from "../../src/format/entryHash.ts";
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

test("texts that come back, and payloads of every size, leave no trace in the next hash", () => {
  const drafts = [0, 600_000, 3, 300_000, 100, 0, 5_000].flatMap((payloadBytes, at) =>
    ["a", "bb", "a", "a"].map((topic, turn) => ({
      topic: topic.repeat(1 + (at % 3)),
      payloadType: turn === 3 ? "other" : "T",
      payload: Buffer.alloc(payloadBytes, at),
      tsInit: BigInt(at),
      tsPublish: BigInt(turn),
      headers: {},
      indexKeys: [],
    })),
  );
  const { bytes } = encodeFrame(drafts, { fromSeq: 1, epoch: 1 });
  sealFrame(bytes, GENESIS);
  checkEntries(bytes);
  for (const entry of decodeFrame(bytes).entries()) {
    assert.ok(Buffer.from(entryHashOf(entry)).equals(entry.hash), `seq ${entry.seq}`);
  }
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
