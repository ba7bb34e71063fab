import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { draftJsonOf, draftOfJson, entryJsonOf } from "../../src/cli/entryJson.ts";
import { MAX_LINE_BYTES, MAX_PAYLOAD_TEXT_BYTES } from "../../src/cli/lineLimit.ts";
import { entryHashOf, InvalidEntryError, type Entry } from "../../src/index.ts";

const test = suite("entryJson");

function entryOf(payload: Uint8Array, given: Partial<Entry> = {}): Entry {
  const entry = {
    seq: 7,
    tsInit: 2n ** 64n - 1n,
    tsPublish: 1_715_126_400_000_000_001n,
    topic: "exec.command",
    payloadType: "SubmitOrder",
    payload,
    headers: { correlationId: "00000000-0000-4000-8000-00000000000a" },
    indexKeys: [{ kind: "clientOrderId", key: "O-19" }],
    ...given,
  };
  return { ...entry, hash: entryHashOf(entry) };
}

function again(entry: Entry): ReturnType<typeof draftOfJson> {
  return draftOfJson(JSON.parse(JSON.stringify(entryJsonOf(entry))));
}

function bytesOf(payload: string | Uint8Array): Buffer {
  return Buffer.from(payload as string);
}

function fieldOf(json: unknown): string {
  try {
    draftOfJson(json);
  } catch (invalid) {
    if (invalid instanceof InvalidEntryError) return invalid.field;
    throw invalid;
  }
  return "none";
}

const VALID = { topic: "t", payloadType: "p", payload: "x" };

test("makes the same draft of an entry's JSON again", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array(), fc.string({ unit: "binary" }).map(bytesOf)),
      fc.bigInt(0n, 2n ** 64n - 1n),
      (payload, tsInit) => {
        const entry = entryOf(payload, { tsInit });
        const draft = again(entry);
        assert.is(draft.topic, entry.topic);
        assert.is(draft.payloadType, entry.payloadType);
        assert.is(draft.tsInit, tsInit);
        assert.equal(draft.headers, entry.headers);
        assert.equal(draft.indexKeys, entry.indexKeys);
        assert.is(Buffer.compare(bytesOf(draft.payload), payload), 0);
      },
    ),
  );
});

test("writes a payload as text where it is UTF-8, its BOM kept, else as base64", () => {
  const text = entryJsonOf(entryOf(Buffer.from("\uFEFFä")));
  assert.is(text.payload, "\uFEFFä");
  assert.is(text.payloadBase64, undefined);
  const binary = entryJsonOf(entryOf(Uint8Array.of(0xff, 0xef)));
  assert.is(binary.payload, undefined);
  assert.is(binary.payloadBase64, "/+8=");
});

test("writes a text as base64 where its escapes would make the line too long", () => {
  const payload = Buffer.alloc(15_000_000, "\u0001");
  const json = entryJsonOf(entryOf(payload));
  assert.is(json.payload, undefined);
  assert.ok(JSON.stringify(json).length <= MAX_LINE_BYTES);
  assert.is(entryJsonOf(entryOf(Buffer.alloc(15_000_000, "a"))).payload?.length, 15_000_000);
});

test("writes nanoseconds as decimal strings and the hash as hex", () => {
  const json = entryJsonOf(entryOf(Buffer.from("x")));
  assert.is(json.tsInit, "18446744073709551615");
  assert.is(json.tsPublish, "1715126400000000001");
  assert.match(json.hash, /^[0-9a-f]{64}$/);
});

test("ignores fields that a draft does not have", () => {
  const draft = draftOfJson({ ...VALID, seq: 3, hash: "ff", tsPublish: "1", venue: {} });
  assert.equal(draft, VALID);
});

test("takes tsInit as a decimal string or a safe integer alone", () => {
  assert.is(draftOfJson({ ...VALID, tsInit: 12 }).tsInit, 12n);
  assert.is(draftOfJson({ ...VALID, tsInit: "0012" }).tsInit, 12n);
  for (const tsInit of [2 ** 53, 1.5, "1e3", "-1", " 1", "", "0x10", null, true, "9".repeat(21)]) {
    assert.is(fieldOf({ ...VALID, tsInit }), "tsInit", String(tsInit));
  }
});

test("takes exactly one form of payload", () => {
  const { payload: _, ...without } = VALID;
  assert.is(fieldOf(without), "payload");
  assert.is(fieldOf({ ...VALID, payloadBase64: "" }), "payload");
  assert.is(fieldOf({ ...VALID, payload: { a: 1 } }), "payload");
  assert.equal(draftOfJson({ ...without, payloadBase64: "" }).payload, Buffer.alloc(0));
});

test("takes base64 only as it would write it", () => {
  for (const payloadBase64 of ["/+8", "_-8=", "/+8= ", "/+9=", "*", 7, null]) {
    const { payload: _, ...without } = VALID;
    assert.is(fieldOf({ ...without, payloadBase64 }), "payloadBase64", String(payloadBase64));
  }
});

test("refuses what is no object", () => {
  for (const json of [null, 1, "x", [], [VALID]]) assert.is(fieldOf(json), "draft");
});

test("a line has room for every index key that an entry may have, escaped", () => {
  const indexKeys = Array.from({ length: 256 }, () => ({
    kind: "\u0001".repeat(240),
    key: "\u0001".repeat(240),
  }));
  const [topic, payloadType] = ["\u0001".repeat(256), "\u0001".repeat(256)];
  const json = draftJsonOf(entryOf(new Uint8Array(0), { indexKeys, topic, payloadType }));
  const line = Buffer.byteLength(JSON.stringify({ ...json, payloadBase64: "" }));
  assert.ok(line + MAX_PAYLOAD_TEXT_BYTES <= MAX_LINE_BYTES, String(line));
});

test.run();
