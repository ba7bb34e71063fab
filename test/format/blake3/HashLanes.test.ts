import { hash } from "blake3-jit";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  HashLanes,
  LANE_BYTES,
  type LaneLengths,
  NO_MESSAGE,
} from "../../../src/format/blake3/HashLanes.ts";
import { hex } from "../frames.ts";

const test = suite("HashLanes");

/** Lengths around the borders of blocks, and of the lane. */
const BORDERS = [0, 1, 31, 63, 64, 65, 127, 128, 129, 960, 1_023, 1_024] as const;

/** From the test vectors of the reference implementation: byte i of the input is i modulo 251. */
const VECTORS: readonly (readonly [length: number, hash: string])[] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"],
  [63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b"],
  [64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98"],
  [65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee"],
  [127, "d81293fda863f008c09e92fc382a81f5a0b4a1251cba1634016a0f86a6bd640d"],
  [128, "f17e570564b26578c33bb7f44643f539624b05df1a76c81f30acd548c44b45ef"],
  [129, "683aaae9f3c5ba37eaaf072aed0f9e30bac0865137bae68b1fde4ca2aebdcb12"],
  [1_023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"],
  [1_024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
];

function lanesOfThisNode(): HashLanes {
  const lanes = HashLanes.create();
  assert.ok(lanes);
  return lanes;
}

/** One instance for all: what a message leaves behind must do nothing to the next. */
const lanes = lanesOfThisNode();

function hashesOf(messages: readonly Uint8Array[]): readonly string[] {
  const lengths: LaneLengths = [NO_MESSAGE, NO_MESSAGE, NO_MESSAGE, NO_MESSAGE];
  for (const [lane, message] of messages.entries()) {
    lanes.messages[lane]?.set(message);
    lengths[lane] = message.length;
  }
  lanes.run(lengths);
  return messages.map((_, lane) => {
    return hex(new Uint8Array(lanes.hashes.buffer, lanes.hashAt(lane), 32));
  });
}

function bytesOf(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 251);
}

test("gives the hashes of the reference implementation, in every lane", () => {
  for (const [length, expected] of VECTORS) {
    const message = bytesOf(length);
    const given = hashesOf([message, message, message, message]);
    assert.equal(given, [expected, expected, expected, expected], `${length} bytes`);
  }
});

test("hashes messages of every length beside those of others", () => {
  for (let length = 0; length <= LANE_BYTES; length++) {
    const lengths = [length, LANE_BYTES - length, (length * 7) % 1_025, (length * 131 + 5) % 1_025];
    const messages = lengths.map((bytes, lane) => bytesOf(bytes, length + lane));
    const expected = messages.map((message) => hex(hash(message)));
    assert.equal(hashesOf(messages), expected, `${lengths.join(", ")} bytes`);
  }
});

test("hashes one to four messages of any bytes as blake3-jit does", () => {
  const anyMessage = fc.oneof(
    fc.uint8Array({ maxLength: LANE_BYTES, size: "max" }),
    fc.constantFrom(...BORDERS).chain((length) => {
      return fc.uint8Array({ minLength: length, maxLength: length, size: "max" });
    }),
  );
  const anyMessages = fc.array(anyMessage, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(anyMessages, (messages) => {
      assert.equal(
        hashesOf(messages),
        messages.map((message) => hex(hash(message))),
      );
    }),
    { numRuns: 300 },
  );
});

test("leaves what lies in a lane without a message, and messages, as they are", () => {
  const message = bytesOf(200);
  for (const lane of lanes.messages) lane.fill(0xaa);
  lanes.messages[1]?.set(message);
  lanes.run([NO_MESSAGE, message.length, NO_MESSAGE, NO_MESSAGE]);
  for (const lane of [0, 2, 3]) assert.ok(lanes.messages[lane]?.every((byte) => byte === 0xaa));
  assert.equal(lanes.messages[1]?.slice(0, message.length), message);
});

function refuse(): never {
  throw new RangeError("Out of memory");
}

/** Makes lanes where the engine is another. */
function createdWith(webAssembly: unknown): HashLanes | undefined {
  const own = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly");
  assert.ok(own);
  Object.defineProperty(globalThis, "WebAssembly", { ...own, value: webAssembly });
  try {
    return HashLanes.create();
  } finally {
    Object.defineProperty(globalThis, "WebAssembly", own);
  }
}

test("are not there without WebAssembly, and where it refuses the module or its memory", () => {
  assert.is(createdWith(undefined), undefined);
  assert.is(createdWith({ Module: refuse, Instance: refuse }), undefined);
  assert.is(createdWith({ Module: Object, Instance: refuse }), undefined);
  assert.instance(HashLanes.create(), HashLanes);
});

test.run();
