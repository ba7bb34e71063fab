import { suite } from "uvu";
import * as assert from "uvu/assert";
import { frameHeaderOf } from "../../src/format/frameHeader.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { indexKeysAt } from "../../src/format/indexKeysAt.ts";
import { CorruptedError } from "../../src/model/errors.ts";
import { draft, richDrafts, sealedFrame } from "./frames.ts";

const test = suite("indexKeysAt");

const FRAME = sealedFrame(richDrafts(), 10);
const LEAST_BYTES = frameHeaderOf(FRAME).headBytes + layout.ENTRY_BYTES;

function isDamage(error: unknown): boolean {
  return error instanceof CorruptedError;
}

test("gives the keys of each entry by the head alone", () => {
  const head = FRAME.slice(0, LEAST_BYTES);
  for (const [at, { indexKeys }] of richDrafts().entries()) {
    assert.equal(indexKeysAt(head, 10 + at), indexKeys);
    assert.equal(indexKeysAt(FRAME, 10 + at), indexKeys);
  }
});

test("reads the smallest frame by its head and the fixed part of its entry", () => {
  const keys = [{ kind: "k", key: "1" }];
  const frame = sealedFrame([draft({ topic: "t", payloadType: "T", indexKeys: keys })]);
  const { headBytes } = frameHeaderOf(frame);
  assert.ok(headBytes + layout.ENTRY_BYTES < layout.MIN_FRAME_BYTES);
  assert.equal(indexKeysAt(frame.slice(0, headBytes + layout.ENTRY_BYTES), 1), keys);
});

test("knows nothing of entries of other frames", () => {
  for (const seq of [9, 10 + richDrafts().length]) assert.is(indexKeysAt(FRAME, seq), undefined);
});

test("refuses a head that is cut off anywhere", () => {
  for (let length = 0; length < LEAST_BYTES; length += 1) {
    assert.throws(() => indexKeysAt(FRAME.slice(0, length), 10), isDamage);
  }
});

test("refuses a head with a bit flipped anywhere", () => {
  for (let at = 8; at < frameHeaderOf(FRAME).headBytes; at += 1) {
    const bytes = FRAME.slice(0, LEAST_BYTES);
    bytes[at] = (bytes[at] as number) ^ 4;
    assert.throws(() => indexKeysAt(bytes, 10), isDamage);
  }
});

test.run();
