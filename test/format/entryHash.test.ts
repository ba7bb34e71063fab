import { hash } from "blake3-jit";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entryHashOf } from "../../src/format/entryHash.ts";
import type { Entry } from "../../src/model/entry.ts";
import { InvalidEntryError } from "../../src/model/errors.ts";
import { hex } from "./frames.ts";

type Hashed = Omit<Entry, "hash" | "indexKeys">;

const test = suite("entryHashOf");

const BASELINE: Hashed = {
  seq: 42,
  tsInit: 1_700_000_000_000_000_000n,
  tsPublish: 1_700_000_000_000_000_001n,
  topic: "exec.command",
  payloadType: "SubmitOrder",
  payload: Uint8Array.of(1, 2, 3),
  headers: {},
};

function hashOf(given: Partial<Hashed> = {}): string {
  return hex(entryHashOf({ ...BASELINE, ...given }));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("gives the pinned hash of an entry without headers", () => {
  assert.is(hashOf(), "06b08d9615241ccdee4c21303e8d5a21682ceb085eb4eaf170365c700836e620");
});

test("hashes exactly these 105 bytes", () => {
  const preImage = Buffer.from(
    [
      "6e617574696c75732d6576656e742d73746f72652f656e7472792f7631",
      "000000000000002a",
      "17979cfe362a0000",
      "17979cfe362a0001",
      "000000000000000c",
      "657865632e636f6d6d616e64",
      "000000000000000b",
      "5375626d69744f72646572",
      "0000000000000003",
      "010203",
      "00",
      "00",
    ].join(""),
    "hex",
  );
  assert.is(preImage.length, 105);
  assert.is(hashOf(), hex(hash(preImage)));
});

test("gives the pinned hash of an entry with both headers", () => {
  const headers = {
    correlationId: "01020304-0506-4708-890a-0b0c0d0e0f10",
    causationId: "11121314-1516-4718-991a-1b1c1d1e1f20",
  };
  assert.is(
    hashOf({ headers }),
    "69be87a947cbfb61dd445908ae5825ada0b679bb3c9dd7e8cb14dcc0baf74eaa",
  );
});

test("takes the bytes of a UUID as they are written, whatever its version", () => {
  const headers = {
    correlationId: "01020304-0506-0708-090a-0b0c0d0e0f10",
    causationId: "11121314-1516-1718-191a-1b1c1d1e1f20",
  };
  assert.is(hashOf({ headers }).slice(0, 8), "14b94b91");
});

test("does not care how a UUID is written", () => {
  const correlationId = "2d89666b-1a1e-4a75-b193-4eb3b454c757";
  const expected = "b943d97a0186123788708c8d203596848e57f9e52999f3bb31e082ea630e8f56";
  assert.is(hashOf({ headers: { correlationId } }), expected);
  assert.is(hashOf({ headers: { correlationId: correlationId.toUpperCase() } }), expected);
});

for (const [name, given, expected] of [
  [
    "a topic of ab and a type of c",
    { seq: 1, tsInit: 0n, tsPublish: 0n, topic: "ab", payloadType: "c", payload: bytesOf("x") },
    "5fc1d09009f1b3f8e2a8712180333ed1c3ca92a75a1c239f71ef295ba1040ede",
  ],
  [
    "a topic of a and a type of bc",
    { seq: 1, tsInit: 0n, tsPublish: 0n, topic: "a", payloadType: "bc", payload: bytesOf("x") },
    "8070b42b5c8783cb25458c576b99e0076ede213b6701909783847222b8dac535",
  ],
  [
    "small times",
    { seq: 1, tsInit: 10n, tsPublish: 11n },
    "65fc911c86bdb783df8e5aa30212b2e33e8a03feeb50ed40d2009d27083ee250",
  ],
  [
    "a payload of 256 bytes",
    { topic: "exec.command.SubmitOrder", payload: new Uint8Array(256).fill(0xab) },
    "68551df9175a7507206e5ab0229459e5f1e539f6acd1f5e03e88dbd97bb5293d",
  ],
  [
    "a payload of 1 024 bytes",
    { topic: "exec.command.SubmitOrder", payload: new Uint8Array(1_024).fill(0xab) },
    "a722bcded9383f5a86f71ffd1024a29f4eb0a88f3be8576cb109721fb7f57941",
  ],
] as const) {
  test(`gives the hash of the reference implementation for ${name}`, () => {
    assert.is(hashOf(given), expected);
  });
}

test("changes with every field", () => {
  const id = "2d89666b-1a1e-4a75-b193-4eb3b454c757";
  const hashes = [
    hashOf(),
    hashOf({ seq: 43 }),
    hashOf({ tsInit: 1n }),
    hashOf({ tsPublish: 1n }),
    hashOf({ topic: "exec.command2" }),
    hashOf({ payloadType: "CancelOrder" }),
    hashOf({ payload: Uint8Array.of(1, 2, 4) }),
    hashOf({ payload: Uint8Array.of(1, 2, 3, 0) }),
    hashOf({ headers: { correlationId: id } }),
    hashOf({ headers: { causationId: id } }),
    hashOf({ headers: { correlationId: id, causationId: id } }),
  ];
  assert.is(new Set(hashes).size, hashes.length);
});

test("tells all seqs and times of 64 bits apart", () => {
  const values = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  const times = [...values.map(BigInt), 2n ** 63n, 2n ** 64n - 1n];
  const hashes = [
    ...values.map((seq) => hashOf({ seq })),
    ...times.map((tsInit) => hashOf({ tsInit })),
    ...times.map((tsPublish) => hashOf({ tsPublish })),
  ];
  assert.is(new Set(hashes).size, hashes.length);
});

test("hashes what no draft could be: empty texts, NUL, long topics, large payloads", () => {
  const large = new Uint8Array(3 * 1024 * 1024).fill(7);
  const hashes = [
    hashOf({ topic: "" }),
    hashOf({ payloadType: "" }),
    hashOf({ payload: new Uint8Array(0) }),
    hashOf({ topic: "a\0b" }),
    hashOf({ topic: "t".repeat(100_000) }),
    hashOf({ payload: large }),
  ];
  assert.is(new Set(hashes).size, hashes.length);
  assert.is(hashOf(), "06b08d9615241ccdee4c21303e8d5a21682ceb085eb4eaf170365c700836e620");
});

test("does not depend on what was hashed before", () => {
  const anyEntry = fc.record({
    topic: fc.string({ unit: "binary" }),
    payload: fc.uint8Array({ maxLength: 5_000 }),
    seq: fc.maxSafeNat(),
  });
  fc.assert(
    fc.property(anyEntry, anyEntry, (first, second) => {
      const expected = hashOf(first);
      hashOf(second);
      assert.is(hashOf(first), expected);
    }),
  );
});

test("gives bytes that belong to the caller", () => {
  const first = entryHashOf(BASELINE);
  const copy = hex(first);
  entryHashOf({ ...BASELINE, seq: 43 });
  assert.is(hex(first), copy);
  assert.is(first.length, 32);
  assert.is(first.buffer.byteLength, 32);
});

for (const [field, value, given] of [
  ["seq", "a fraction", { seq: 1.5 }],
  ["seq", "a negative number", { seq: -1 }],
  ["seq", "2^53", { seq: 2 ** 53 }],
  ["tsInit", "a negative time", { tsInit: -1n }],
  ["tsInit", "2^64", { tsInit: 2n ** 64n }],
  ["tsPublish", "2^64", { tsPublish: 2n ** 64n }],
  ["topic", "a lone surrogate", { topic: "\uD800" }],
  ["payloadType", "a lone surrogate", { payloadType: "a\uDC00" }],
  ["headers.correlationId", "an order id", { headers: { correlationId: "order-1" } }],
  [
    "headers.correlationId",
    "a digit that is none",
    { headers: { correlationId: "2d89666b-1a1e-4a75-b193-4eb3b454c75g" } },
  ],
  [
    "headers.causationId",
    "a UUID without hyphens",
    { headers: { causationId: "2d89666b01a1e04a7540193b4eb3b454c757" } },
  ],
  [
    "headers.causationId",
    "a UUID and more",
    { headers: { causationId: "2d89666b-1a1e-4a75-b193-4eb3b454c7570" } },
  ],
] as const) {
  test(`refuses ${value} as ${field}: it has no canonical bytes`, () => {
    assert.throws(
      () => hashOf(given),
      (error: unknown) => error instanceof InvalidEntryError && error.field === field,
    );
  });
}

test.run();
