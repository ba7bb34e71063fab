import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkEntries } from "../../src/format/checkEntries.ts";
import { decodeFrame, frameHeaderOf } from "../../src/format/decodeFrame.ts";
import { EntryCursor } from "../../src/format/EntryCursor.ts";
import { entryHashOf } from "../../src/format/entryHash.ts";
import { FrameHashes } from "../../src/format/FrameHashes.ts";
import { hasRoomInImage } from "../../src/format/FrameImage.ts";
import { isThere } from "../../src/format/hashUse.ts";
import { judgeEntries } from "../../src/format/judgeEntries.ts";
import { OpenFrame } from "../../src/format/OpenFrame.ts";
import type { CapturedDraft } from "../../src/model/entry.ts";
import { TidemarkError } from "../../src/model/errors.ts";
import { CAUSATION_ID, CORRELATION_ID, draft, hex, sealedFrame } from "./frames.ts";
import { DAMAGES, mixedFrame, placesOf } from "./mixedFrames.ts";
import { SOURCE_FLAGS } from "../support/nodeFlags.ts";

const test = suite("FrameHashes");

type Damage = keyof typeof DAMAGES;

function damagedFrame(
  entries: number,
  damages: readonly (readonly [number, Damage])[],
): Uint8Array {
  const frame = mixedFrame(entries);
  const places = placesOf(frame);
  const view = new DataView(frame.buffer);
  for (const [index, damage] of damages) DAMAGES[damage](view, places[index % entries] as number);
  return frame;
}

const anyId = (id: string): fc.Arbitrary<string | undefined> => fc.constantFrom(id, undefined);
const anyTime = fc.bigInt(0n, 2n ** 64n - 1n);

/** Drafts that fit a lane, and some that do not. */
const anyDraft: fc.Arbitrary<CapturedDraft> = fc
  .tuple(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 100, unit: "grapheme", size: "max" }),
      payloadType: fc.string({ minLength: 1, maxLength: 9 }),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 1_100, size: "max" }),
        fc.uint8Array({ minLength: 850, maxLength: 930, size: "max" }),
        fc.uint8Array({ maxLength: 20 }),
      ),
      tsInit: anyTime,
      tsPublish: anyTime,
    }),
    anyId(CORRELATION_ID),
    anyId(CAUSATION_ID),
  )
  .map(([parts, correlationId, causationId]) =>
    draft({
      ...parts,
      headers: {
        ...(correlationId !== undefined && { correlationId }),
        ...(causationId !== undefined && { causationId }),
      },
    }),
  );

/** What is told while entries are taken: their seqs, and the failure that ends it, if any. */
function told(read: (tell: (what: string) => void) => void): readonly string[] {
  const lines: string[] = [];
  try {
    read((what) => lines.push(what));
  } catch (failure) {
    if (!(failure instanceof TidemarkError)) throw failure;
    lines.push(nameOf(failure));
  }
  return lines;
}

function nameOf(failure: TidemarkError): string {
  return `${failure.code} ${String(Reflect.get(failure, "seq"))} ${failure.message}`;
}

/** Entry by entry, each of which is hashed alone. */
function toldOneByOne(frame: Uint8Array): readonly string[] {
  return told((tell) => {
    const decoded = decodeFrame(frame);
    const { fromSeq, toSeq } = decoded.header;
    for (let seq = fromSeq; seq <= toSeq; seq++) tell(`${decoded.entryAt(seq)?.seq}`);
  });
}

test("seals every entry with its hash, in frames of every number of entries", () => {
  for (let entries = 1; entries <= 30; entries++) {
    const frame = mixedFrame(entries);
    checkEntries(frame);
    let count = 0;
    for (const { hash, ...entry } of decodeFrame(frame).entries()) {
      assert.is(hex(hash), hex(entryHashOf(entry)), `seq ${entry.seq} of ${entries}`);
      count++;
    }
    assert.is(count, entries);
  }
});

test("seals every entry with its hash, whatever its seq, and whatever it holds", () => {
  for (const fromSeq of [1, 2 ** 32 - 3, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER - 7]) {
    for (const { hash, ...entry } of decodeFrame(mixedFrame(8, fromSeq)).entries()) {
      assert.is(hex(hash), hex(entryHashOf(entry)), `seq ${entry.seq}`);
    }
  }
  fc.assert(
    fc.property(fc.array(anyDraft, { minLength: 2, maxLength: 9 }), (drafts) => {
      const frame = sealedFrame(drafts, 2 ** 40);
      checkEntries(frame);
      for (const { hash, ...entry } of decodeFrame(frame).entries()) {
        assert.is(hex(hash), hex(entryHashOf(entry)));
      }
    }),
    { numRuns: 300 },
  );
});

test("seals frames whose texts are too many to be copied, and small ones behind them", () => {
  for (const count of [140, 3, 140]) {
    const drafts = Array.from({ length: count }, (_, at) =>
      draft({ topic: `${at}`.padStart(512), payload: new Uint8Array(300).fill(at) }),
    );
    const frame = sealedFrame(drafts);
    assert.is(hasRoomInImage(new OpenFrame(frame)), count === 3);
    for (const { hash, ...entry } of decodeFrame(frame).entries()) {
      assert.is(hex(hash), hex(entryHashOf(entry)));
    }
  }
});

test("looks at a frame anew that was changed since it was left half-way", () => {
  const bytes = mixedFrame(30);
  const [first, , , , , , last] = placesOf(bytes);
  const frame = new OpenFrame(bytes);
  const outcomesOf = (entries: number): readonly boolean[] => {
    const cursor = new EntryCursor(frame);
    const hashes = new FrameHashes(frame, isThere);
    return Array.from({ length: entries }, () => cursor.next() && hashes.useOf(cursor));
  };
  assert.equal(outcomesOf(2), [true, true]);
  for (const at of [first, last]) DAMAGES.time(frame.view, at ?? 0);
  assert.equal(outcomesOf(8), [false, true, true, true, true, true, false, true]);
});

test("tells the same damage, at the same entry, as one entry after the other does", () => {
  const anyDamage = fc.tuple(fc.nat(29), fc.constantFrom(...(Object.keys(DAMAGES) as Damage[])));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(anyDamage), (entries, damages) => {
      const frame = damagedFrame(entries, damages);
      const expected = toldOneByOne(frame);
      const given = told((tell) => {
        for (const { seq } of decodeFrame(frame).entries()) tell(`${seq}`);
      });
      assert.equal(given, expected);
      const failures = told(() => checkEntries(frame));
      assert.equal(
        failures,
        expected.slice(-1).filter((line) => line.startsWith("TIDEMARK")),
      );
      const [first] = judgeEntries(frame).damages;
      assert.equal(first === undefined ? [] : [nameOf(first.failure)], failures);
    }),
    { numRuns: 300 },
  );
});

test("names the first entry that does not hold, wherever it is among four", () => {
  for (let index = 0; index < 8; index++) {
    const frame = damagedFrame(8, [
      [index, "hash"],
      [index + 1 < 8 ? index + 1 : index, "length"],
    ]);
    const [line = ""] = told(() => checkEntries(frame));
    const code = index === 7 ? "TIDEMARK_CORRUPTED 18" : `TIDEMARK_HASH_MISMATCH ${11 + index}`;
    assert.ok(line.startsWith(code), `${index}: ${line}`);
  }
});

test("judges what follows an entry that does not hold as if it did", () => {
  const frame = damagedFrame(9, [
    [1, "topic"],
    [2, "hash"],
    [6, "time"],
  ]);
  const { damages, lastSeq } = judgeEntries(frame);
  assert.equal(
    damages.map(({ seq, failure }) => `${seq} ${failure.code}`),
    ["12 TIDEMARK_CORRUPTED", "13 TIDEMARK_HASH_MISMATCH", "17 TIDEMARK_HASH_MISMATCH"],
  );
  assert.is(lastSeq, 19);
});

test("does not confuse frames that are read by turns", () => {
  const frames = [mixedFrame(9), damagedFrame(9, [[5, "hash"]]), mixedFrame(14, 100)];
  const readers = frames.map((frame) => decodeFrame(frame).entries()[Symbol.iterator]());
  const seqs: string[] = [];
  for (let turn = 0; turn < 5; turn++) {
    for (const reader of readers) seqs.push(String(reader.next().value?.seq));
  }
  assert.is(seqs.join(" "), "11 11 100 12 12 101 13 13 102 14 14 103 15 15 104");
  const [first, second] = readers;
  assert.is(first?.next().value?.seq, 16);
  assert.equal(
    told(() => second?.next()).map((line) => line.slice(0, 25)),
    ["TIDEMARK_HASH_MISMATCH 16"],
  );
});

test("comes to the same where there is no WebAssembly", () => {
  const program = fileURLToPath(new URL("./programs/sealWithoutJit.ts", import.meta.url));
  const flags = ["--jitless", "--no-warnings", ...SOURCE_FLAGS];
  const output = execFileSync(process.execPath, [...flags, program], {
    encoding: "utf8",
    stdio: "pipe",
  });
  assert.equal(JSON.parse(output), {
    hasWasm: false,
    digests: [1, 4, 23].map((entries) => hex(frameHeaderOf(mixedFrame(entries)).digest)),
  });
});

test.run();
