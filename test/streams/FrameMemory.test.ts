import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FrameMemory } from "../../src/streams/FrameMemory.ts";

const test = suite("FrameMemory");
const KIB = 1024;
const MIB = 1024 * KIB;

test("what is taken is zeros of the length that was asked for, also the second time", () => {
  const memory = new FrameMemory();
  for (const length of [0, 1, 4 * KIB - 1, 4 * KIB, 33_001, 64 * KIB, 128 * KIB, 128 * KIB + 8]) {
    for (let turn = 0; turn < 3; turn += 1) {
      const bytes = memory.take(length);
      assert.is(bytes.byteLength, length);
      assert.ok(bytes.every((byte) => byte === 0));
      bytes.fill(0xee);
      memory.giveBack(bytes);
    }
  }
});

test("what was given back is used for a frame of about that size, and nothing else is", () => {
  const memory = new FrameMemory();
  const first = memory.take(33_000);
  const second = memory.take(33_000);
  assert.is.not(second.buffer, first.buffer);
  memory.giveBack(first);
  const third = memory.take(34_000);
  assert.is(third.buffer, first.buffer);
  assert.is.not(memory.take(34_000).buffer, first.buffer);
});

test("no two that are out share memory, whatever comes back in whatever order", () => {
  const memory = new FrameMemory();
  const out = new Map<Uint8Array, number>();
  for (let turn = 0; turn < 2_000; turn += 1) {
    const mark = turn % 251;
    const bytes = memory.take(4 * KIB + ((turn * 7_919) % (60 * KIB)));
    out.set(bytes.fill(mark), mark);
    if (turn % 3 === 0) continue;
    const leaving = [...out.keys()][(turn * 31) % out.size] as Uint8Array;
    assert.ok(leaving.every((byte) => byte === out.get(leaving)));
    out.delete(leaving);
    memory.giveBack(leaving);
  }
  for (const [bytes, mark] of out) assert.ok(bytes.every((byte) => byte === mark));
});

test("no more than 8 MiB are kept", () => {
  const memory = new FrameMemory();
  const taken = Array.from({ length: 100 }, () => memory.take(128 * KIB));
  const buffers = new Set(taken.map(({ buffer }) => buffer));
  for (const bytes of taken) memory.giveBack(bytes);
  const again = taken.map(() => memory.take(128 * KIB));
  assert.is(again.filter(({ buffer }) => buffers.has(buffer)).length, (8 * MIB) / (128 * KIB));
});

test.run();
