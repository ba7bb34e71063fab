import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PayloadCopies } from "../../src/streams/PayloadCopies.ts";

const test = suite("PayloadCopies");

test("keeps every copy as it was, across blocks and at every size", () => {
  const copies = new PayloadCopies();
  const sizes = [0, 1, 255, 4_096, 4_097, 70_000];
  const kept = Array.from({ length: 300 }, (_, turn) => {
    const payload = new Uint8Array(sizes[turn % sizes.length] ?? 0).fill(turn);
    const copy = copies.copyOf(payload);
    payload.fill(0xee);
    return copy;
  });
  for (const [turn, copy] of kept.entries()) {
    assert.is(copy.length, sizes[turn % sizes.length]);
    assert.ok(copy.every((byte) => byte === (turn & 0xff)));
  }
});

test("copies a Buffer, whose own slice would be a view", () => {
  const payload = Buffer.from("filled");
  const copy = new PayloadCopies().copyOf(payload);
  payload.fill(0);
  assert.is(Buffer.from(copy).toString(), "filled");
});

test("a block is used again once all of its copies were released, and not before", () => {
  const copies = new PayloadCopies();
  const payload = new Uint8Array(4_096);
  const fill = (): Uint8Array[] => Array.from({ length: 16 }, () => copies.copyOf(payload));
  const [first, second] = [fill(), fill()];
  const buffer = first[0]?.buffer;
  assert.ok(first.every((copy) => copy.buffer === buffer));
  copies.release(first.slice(1).map((copy) => ({ payload: copy })));
  assert.is.not(copies.copyOf(payload).buffer, buffer);
  copies.release(first.slice(0, 1).map((copy) => ({ payload: copy })));
  fill();
  const kept = second.map((copy) => ({ payload: copy }));
  assert.ok(fill().some((copy) => copy.buffer === buffer));
  assert.ok(kept.every((copy) => copy.payload.buffer !== buffer));
});

test("no copy changes before it is released, whatever is released in whatever order", () => {
  const copies = new PayloadCopies();
  const out: { readonly payload: Uint8Array; readonly mark: number }[] = [];
  for (let turn = 0; turn < 5_000; turn += 1) {
    const mark = turn % 251;
    const payload = new Uint8Array((turn * 37) % 4_200).fill(mark);
    out.push({ payload: copies.copyOf(payload), mark });
    if (turn % 4 === 0) continue;
    const [leaving] = out.splice((turn * 31) % out.length, 1);
    assert.ok(leaving?.payload.every((byte) => byte === leaving.mark));
    if (leaving !== undefined) copies.release([leaving]);
  }
  for (const { payload, mark } of out) assert.ok(payload.every((byte) => byte === mark));
});

test.run();
