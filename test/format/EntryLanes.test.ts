import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkEntries } from "../../src/format/checkEntries.ts";
import { EntryCursor } from "../../src/format/EntryCursor.ts";
import { entryLanes, type EntryLanes, type Outcomes } from "../../src/format/EntryLanes.ts";
import { isThere } from "../../src/format/hashUse.ts";
import { OpenFrame } from "../../src/format/OpenFrame.ts";
import { CAUSATION_ID, CORRELATION_ID, draft, sealedFrame } from "./frames.ts";
import { DAMAGES, placesOf } from "./mixedFrames.ts";

const test = suite("EntryLanes");

/** What comes of the first entries of a frame, and at which seq the cursor then is. */
function firstOf(bytes: Uint8Array): readonly [outcomes: Outcomes, seq: number] {
  const frame = new OpenFrame(bytes);
  const cursor = new EntryCursor(frame);
  const outcomes: Outcomes = [true, true, true, true];
  lanes().useNext(frame, cursor, isThere, outcomes);
  return [outcomes, cursor.seq];
}

function lanes(): EntryLanes {
  const found = entryLanes();
  assert.ok(found !== undefined, "Node.js has WebAssembly with vectors wherever the tests run");
  return found;
}

/** A frame of entries with payloads of so many bytes, from seq 11 on. */
function frameOf(...payloadBytes: readonly number[]): Uint8Array {
  return sealedFrame(
    payloadBytes.map((bytes) => draft({ payload: new Uint8Array(bytes) })),
    11,
  );
}

test("hashes the next four entries at once, and no more than there are", () => {
  assert.equal(firstOf(frameOf(1, 2, 3, 4)), [[true, true, true, true], 14]);
  assert.equal(firstOf(frameOf(1, 2, 3, 4, 5)), [[true, true, true, true], 14]);
  assert.equal(firstOf(frameOf(1, 2, 3)), [[true, true, true, undefined], 13]);
});

test("leaves out what is hashed over more than 1,024 bytes, and an entry alone", () => {
  assert.equal(firstOf(frameOf(1, 1_025, 3, 4)), [[true, undefined, true, true], 14]);
  assert.equal(firstOf(frameOf(1_025, 2, 2_000, 5_000)), [Array(4).fill(undefined), 14]);
  assert.equal(firstOf(frameOf(1)), [Array(4).fill(undefined), 11]);
  const ids = { correlationId: CORRELATION_ID, causationId: CAUSATION_ID };
  for (const [headers, longest] of [
    [{}, 922],
    [ids, 890],
  ] as const) {
    const sizes = [longest, longest + 1, longest, 0, 1, longest + 1, 5, longest];
    const frame = sealedFrame(
      sizes.map((bytes) => draft({ headers, payload: new Uint8Array(bytes).fill(bytes) })),
      11,
    );
    assert.equal(firstOf(frame), [[true, undefined, true, true], 14]);
    // Nothing is left behind in a lane that was full to its end.
    assert.equal(firstOf(frameOf(1, 2, 3, 4)), [[true, true, true, true], 14]);
    checkEntries(frame);
  }
});

test("hashes entries wherever they are in frames that are longer than what is copied of them", () => {
  // The third one ends what is copied with the first, and the fourth is beyond that.
  for (const gap of [60_000, 64_200, 64_400, 70_000, 3 * 2 ** 20]) {
    assert.equal(firstOf(frameOf(900, gap, 900, 900)), [[true, undefined, true, true], 14]);
  }
  const frame = frameOf(...Array.from({ length: 4_000 }, (_, at) => (at * 37) % 922));
  const opened = new OpenFrame(frame);
  const cursor = new EntryCursor(opened);
  const outcomes: Outcomes = [];
  for (let turn = 0; turn < 1_000; turn++) {
    lanes().useNext(opened, cursor, isThere, outcomes);
    assert.equal(outcomes, [true, true, true, true]);
  }
});

test("hashes entries whose topics are as long as they may be, beside others", () => {
  const topics = ["t".repeat(512), "ü".repeat(200), "t"];
  const drafts = Array.from({ length: 4 }, (_, at) => draft({ topic: topics[at % 3] as string }));
  assert.equal(firstOf(sealedFrame(drafts, 11)), [[true, true, true, true], 14]);
});

test("tells which hash does not hold, and stops at an entry that cannot be read", () => {
  const wrong = frameOf(1, 2, 3, 4);
  DAMAGES.hash(new DataView(wrong.buffer), placesOf(wrong)[2] as number);
  assert.equal(firstOf(wrong), [[true, true, false, true], 14]);
  const unreadable = frameOf(1, 2, 3, 4);
  DAMAGES.length(new DataView(unreadable.buffer), placesOf(unreadable)[2] as number);
  assert.equal(firstOf(unreadable), [[true, true, undefined, undefined], 13]);
});

test("keeps no frame alive whose entries were all hashed, in lanes or alone", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const buffers = [frameOf(100, 200, 300, 400, 500, 600), frameOf(5_000)].map((frame) => {
    checkEntries(frame);
    return new WeakRef(frame.buffer);
  });
  await setImmediate();
  collect();
  assert.equal(
    buffers.map((buffer) => buffer.deref()?.byteLength),
    [undefined, undefined],
  );
});

test.run();
