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

test.run();
