import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkDigest, decodeFrame, frameHeaderOf } from "../../src/format/decodeFrame.ts";
import { EntryCursor } from "../../src/format/EntryCursor.ts";
import type { IndexRow } from "../../src/format/Frame.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { OpenFrame } from "../../src/format/OpenFrame.ts";
import type { Entry } from "../../src/model/entry.ts";
import { TidemarkError } from "../../src/model/errors.ts";
import { draft, indexRowsIn, reseal, richDrafts, sealedFrame } from "./frames.ts";

const test = suite("a damaged frame");

/** Random numbers that are the same in every run: integers from 0 below `limit`. */
type Random = (limit: number) => number;

/** A sealed frame and what was recorded in it. */
interface Recorded {
  readonly bytes: Uint8Array;
  readonly entries: readonly Entry[];
  readonly indexRows: readonly IndexRow[];
}

function recorded(bytes: Uint8Array): Recorded {
  return { bytes, entries: [...decodeFrame(bytes).entries()], indexRows: indexRowsIn(bytes) };
}

const FRAMES: readonly Recorded[] = [
  recorded(sealedFrame(richDrafts())),
  recorded(sealedFrame([draft({ payload: new Uint8Array(700).fill(0x20) })], 2 ** 35)),
  recorded(
    sealedFrame(
      Array.from({ length: 12 }, (_, index) =>
        draft({
          topic: `topic.${index % 3}`,
          payload: new Uint8Array(index).fill(index),
          indexKeys: index % 2 === 0 ? [{ kind: "clientOrderId", key: `O-${index}` }] : [],
        }),
      ),
      1_000,
    ),
  ),
];

function seeded(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)] as T;
}

/** What goes wrong with bytes: on disks, in memory, in programs. */
const DAMAGES: readonly ((bytes: Uint8Array, random: Random) => Uint8Array)[] = [
  function flipBit(bytes, random) {
    if (bytes.length === 0) return bytes;
    const at = random(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random(8));
    return bytes;
  },
  function overwrite(bytes, random) {
    const start = random(bytes.length + 1);
    return bytes.fill(random(256), start, start + 1 + random(40));
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random(bytes.length + 1));
  },
  function extend(bytes, random) {
    const longer = new Uint8Array(bytes.length + 1 + random(64));
    longer.fill(random(2) * random(256));
    longer.set(bytes);
    return longer;
  },
  function cutOut(bytes, random) {
    const start = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random(64))]);
  },
  function repeat(bytes, random) {
    const start = random(bytes.length + 1);
    const end = start + 1 + random(64);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  function copyWithin(bytes, random) {
    const start = random(bytes.length + 1);
    return bytes.copyWithin(random(bytes.length + 1), start, start + 1 + random(100));
  },
  function writeNumber(bytes, random) {
    if (bytes.length < 8) return bytes;
    const at = 4 * random(Math.floor(bytes.length / 4) - 1);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    view.setUint32(at, numberNear(random, view.getUint32(at, true)), true);
    return bytes;
  },
];

/** A number that a program trips over: the edges of its width, or a little off the right one. */
function numberNear(random: Random, value: number): number {
  const edges = [0, 1, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];
  return oneOf(random, [...edges, value + 1, value - 1, value + 8, value - 8, value ^ 0x10000]);
}

/** Either the same as was recorded, or a typed error; true where it was an error. */
function isRefused<T>(read: () => T, expected: T, what: string): boolean {
  let actual: T;
  try {
    actual = read();
  } catch (error) {
    assert.instance(error, TidemarkError, `${what}: ${String(error)}`);
    return true;
  }
  assert.equal(actual, expected, what);
  return false;
}

test("is seen or does no harm, 100 000 times", () => {
  const random = seeded(1);
  let servedAlone = 0;
  for (let round = 0; round < 100_000; round++) {
    const { bytes, entries, indexRows } = oneOf(random, FRAMES);
    const damage = oneOf(random, DAMAGES);
    let damaged = damage(bytes.slice(), random);
    if (random(4) === 0) damaged = oneOf(random, DAMAGES)(new Uint8Array(damaged), random);
    const what = `round ${round}, ${damage.name}`;
    const isSame = Buffer.compare(damaged, bytes) === 0;
    const entry = oneOf(random, entries);
    const decode = (): readonly Entry[] => [...decodeFrame(damaged).entries()];
    const isWholeRefused = isRefused(decode, entries, what);
    assert.is(
      isRefused(() => checkDigest(damaged), undefined, what),
      !isSame,
      what,
    );
    isRefused(() => indexRowsIn(damaged), indexRows, what);
    const isEntryRefused = isRefused(() => decodeFrame(damaged).entryAt(entry.seq), entry, what);
    if (isSame) assert.not(isWholeRefused || isEntryRefused, what);
    if (!isSame && isWholeRefused && !isEntryRefused) servedAlone++;
  }
  // Damage elsewhere in the frame does not take an entry that proves itself.
  assert.ok(servedAlone > 1_000, `${servedAlone}`);
});

test("is seen wherever a single bit flips", () => {
  for (const { bytes, entries, indexRows } of FRAMES) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      const what = `bit ${bit}`;
      assert.ok(
        isRefused(() => checkDigest(damaged), undefined, what),
        what,
      );
      isRefused(() => [...decodeFrame(damaged).entries()], entries, what);
      isRefused(() => indexRowsIn(damaged), indexRows, what);
      const entry = entries[bit % entries.length] as Entry;
      isRefused(() => decodeFrame(damaged).entryAt(entry.seq), entry, what);
    }
  }
});

/** Where the numbers are that a decoder goes by, and how wide they are. */
function numbersOf(bytes: Uint8Array): readonly (readonly [at: number, width: 2 | 4])[] {
  const frame = new OpenFrame(bytes);
  const numbers: [number, 2 | 4][] = [];
  for (let at = layout.AT_FRAME_BYTES; at < layout.AT_MIN_TS_INIT; at += 4) numbers.push([at, 4]);
  numbers.push([layout.AT_TOPIC_COUNT, 2], [layout.AT_PAYLOAD_TYPE_COUNT, 2]);
  // The texts and index keys: every place where a length may stand.
  for (let at = layout.HEADER_BYTES; at < frame.header.headBytes - 4; at++) numbers.push([at, 2]);
  const cursor = new EntryCursor(frame);
  while (cursor.next()) {
    numbers.push([cursor.at + layout.AT_PAYLOAD, 4]);
    numbers.push([cursor.at + layout.AT_TOPIC_ID, 2], [cursor.at + layout.AT_PAYLOAD_TYPE_ID, 2]);
  }
  return numbers;
}

/** What the hash of an entry covers. */
function provenOf(entry: Entry): Entry {
  return { ...entry, indexKeys: [] };
}

test("gives what the hashes prove or a typed error when CRC and digest hold over wrong numbers", () => {
  const random = seeded(2);
  let refused = 0;
  const frames = FRAMES.map(({ bytes, entries }) => ({
    bytes,
    proven: entries.map(provenOf),
    numbers: numbersOf(bytes),
    headBytes: frameHeaderOf(bytes).headBytes,
  }));
  for (let round = 0; round < 50_000; round++) {
    const { bytes, proven, numbers, headBytes } = oneOf(random, frames);
    const forged = bytes.slice();
    const view = new DataView(forged.buffer);
    for (let times = 1 + random(2); times > 0; times--) {
      const [at, width] = oneOf(random, numbers);
      if (width === 2) view.setUint16(at, numberNear(random, view.getUint16(at, true)), true);
      else view.setUint32(at, numberNear(random, view.getUint32(at, true)), true);
    }
    reseal(forged, headBytes);
    const what = `round ${round}`;
    const decode = (): readonly Entry[] => [...decodeFrame(forged).entries()].map(provenOf);
    if (isRefused(decode, proven, what)) refused++;
    const expected = oneOf(random, proven);
    try {
      const entry = decodeFrame(forged).entryAt(expected.seq);
      if (entry !== undefined) assert.equal(provenOf(entry), expected, what);
      for (const row of indexRowsIn(forged)) assert.type(row.key, "string");
    } catch (error) {
      assert.instance(error, TidemarkError, what);
    }
  }
  assert.ok(refused > 25_000, `${refused}`);
});

test("never makes a reader allocate more than the frame, whatever count it tells", () => {
  const bytes = sealedFrame([draft()]);
  for (const at of [
    layout.AT_ENTRY_COUNT,
    layout.AT_INDEX_KIND_COUNT,
    layout.AT_INDEX_KEY_COUNT,
    layout.AT_FRAME_BYTES,
    layout.AT_HEAD_BYTES,
  ]) {
    const forged = bytes.slice();
    new DataView(forged.buffer).setUint32(at, 0xffff_fff8, true);
    reseal(forged, frameHeaderOf(bytes).headBytes);
    const before = process.memoryUsage();
    assert.ok(isRefused(() => decodeFrame(forged), undefined as never, `at ${at}`));
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    assert.ok(grown < 1024 * 1024, `${grown} bytes`);
  }
});

test.run();
