import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { judgeEntries } from "../../src/format/judgeEntries.ts";
import { OpenFrame } from "../../src/format/OpenFrame.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import type { CapturedDraft } from "../../src/model/entry.ts";
import { thrownBy } from "../streams/support/failureOf.ts";

const test = suite("judgeEntries");

const COUNT = 5;

/** Entries 11 to 15, each with a key of its own and one that they share. */
function sealedFrame(tsInitOf: (index: number) => bigint = BigInt): Uint8Array {
  const drafts = Array.from({ length: COUNT }, (_, index): CapturedDraft => {
    return {
      topic: "t",
      payloadType: "T",
      payload: Buffer.from(`payload ${index}.......`),
      tsInit: tsInitOf(index),
      tsPublish: 1n,
      headers: {},
      indexKeys: [
        { kind: "id", key: String(index) },
        { kind: "desk", key: "d" },
      ],
    };
  });
  const { bytes } = encodeFrame(drafts, { fromSeq: 11, epoch: 1 });
  sealFrame(bytes, GENESIS);
  return bytes;
}

/** Where the entry with that payload starts. */
function entryAt(bytes: Uint8Array, index: number): number {
  return Buffer.from(bytes.buffer).indexOf(`payload ${index}`) - layout.ENTRY_BYTES;
}

function zero(bytes: Uint8Array, at: number): void {
  bytes.fill(0, at, at + 8);
}

/** A frame sealed by who writes something else in its header. */
function resealed(change: (view: DataView) => void): Uint8Array {
  const bytes = sealedFrame();
  change(new DataView(bytes.buffer));
  sealFrame(bytes, GENESIS);
  return bytes;
}

function damagesOf(bytes: Uint8Array): string[] {
  return judgeEntries(bytes).damages.map(({ seq, failure }) => `${seq} ${failure.code}`);
}

function judgedAfter(change: (bytes: Uint8Array) => void): unknown[] {
  const bytes = sealedFrame();
  change(bytes);
  const { damages, lastSeq, maxTsInit, indexRows } = judgeEntries(bytes);
  return [
    damages.map(({ seq, failure }) => `${seq} ${failure.code}`),
    lastSeq,
    maxTsInit,
    indexRows.map(({ kind, key, seq }) => `${kind}=${key} ${seq}`),
  ];
}

test("finds no fault with what was sealed, and tells what its entries come to", () => {
  assert.equal(
    judgedAfter(() => {}),
    [[], 15, 4n, ["id=0 11", "desk=d 11", "id=1 12", "id=2 13", "id=3 14", "id=4 15"]],
  );
});

test("tells each entry that does not hold, and takes nothing from it", () => {
  const judged = judgedAfter((bytes) => {
    for (const index of [0, 4]) zero(bytes, entryAt(bytes, index) + layout.AT_HASH);
  });
  assert.equal(judged, [
    ["11 TIDEMARK_HASH_MISMATCH", "15 TIDEMARK_HASH_MISMATCH"],
    15,
    3n,
    ["id=1 12", "desk=d 12", "id=2 13", "id=3 14"],
  ]);
});

test("goes on behind an entry whose topic is none", () => {
  const judged = judgedAfter((bytes) => {
    bytes[entryAt(bytes, 2) + layout.AT_TOPIC_ID] = 7;
  });
  assert.equal(judged[0], ["13 TIDEMARK_CORRUPTED"]);
  assert.is(judged[1], 15);
});

test("ends at an entry that does not tell where it ends", () => {
  const judged = judgedAfter((bytes) => {
    bytes[entryAt(bytes, 2) + layout.AT_PAYLOAD + 2] = 0xff;
  });
  // Its hash is taken first where it still fits; here it reaches beyond the frame.
  assert.equal(judged.slice(0, 2), [["13 TIDEMARK_CORRUPTED"], 13]);
});

test("takes the largest time of all 64 bits", () => {
  const times = [2n ** 32n, 2n ** 64n - 2n, 2n ** 63n + 5n, 7n, 2n ** 64n - 3n];
  const bytes = sealedFrame((index) => times[index] as bigint);
  assert.is(judgeEntries(bytes).maxTsInit, 2n ** 64n - 2n);
});

for (const [name, at, time] of [
  ["smallest", layout.AT_MIN_TS_INIT, 1n],
  ["largest", layout.AT_MAX_TS_INIT, 5n],
] as const) {
  test(`tells a frame whose ${name} time is none of its entries`, () => {
    const bytes = resealed((view) => view.setBigUint64(at, time, true));
    assert.equal(damagesOf(bytes), ["11 TIDEMARK_CORRUPTED"]);
  });

  test(`cannot tell that of the ${name} time where an entry does not hold`, () => {
    const bytes = resealed((view) => view.setBigUint64(at, time, true));
    zero(bytes, entryAt(bytes, 2) + layout.AT_HASH);
    assert.equal(damagesOf(bytes), ["13 TIDEMARK_HASH_MISMATCH"]);
  });
}

test("tells a frame after which the largest time of the run would be less than its own", () => {
  const bytes = sealedFrame();
  new DataView(bytes.buffer).setBigUint64(layout.AT_RUN_MAX_TS_INIT, 3n, true);
  new OpenFrame(bytes).writeHeadCrc();
  assert.equal(damagesOf(bytes), ["11 TIDEMARK_CORRUPTED"]);
});

test("has nothing to say of a frame whose head does not hold", () => {
  const bytes = sealedFrame();
  bytes[layout.AT_EPOCH] = 9;
  assert.is(thrownBy(() => judgeEntries(bytes)).code, "TIDEMARK_CORRUPTED");
});

test.run();
