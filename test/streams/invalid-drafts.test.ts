import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EntryDraft } from "../../src/model/entry.ts";
import type { InvalidEntryError } from "../../src/model/errors.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf, thrownBy } from "./support/failureOf.ts";

const test = suite("invalid drafts");

const VALID: EntryDraft = { topic: "t", payloadType: "T", payload: "" };
const UUID = "550e8400-e29b-41d4-a716-446655440000";
const WAVE = "\u{1F30A}";

function detached(): Uint8Array {
  const payload = new Uint8Array(16);
  structuredClone(payload.buffer, { transfer: [payload.buffer] });
  return payload;
}

function keys(count: number): { kind: string; key: string }[] {
  return Array.from({ length: count }, (_, key) => ({ kind: "k", key: String(key) }));
}

/** What is refused: a title, what is wrong, and the field that the error names. */
const INVALID: readonly (readonly [title: string, draft: unknown, field: string])[] = [
  ["no draft", undefined, "draft"],
  ["null", null, "draft"],
  ["text", "draft", "draft"],
  ["no topic", { ...VALID, topic: undefined }, "topic"],
  ["a number as topic", { ...VALID, topic: 7 }, "topic"],
  ["an empty topic", { ...VALID, topic: "" }, "topic"],
  ["a topic of 513 bytes", { ...VALID, topic: "a".repeat(513) }, "topic"],
  ["a topic of 129 waves", { ...VALID, topic: WAVE.repeat(129) }, "topic"],
  ["a topic with NUL", { ...VALID, topic: "a\0b" }, "topic"],
  ["a topic with a lone surrogate", { ...VALID, topic: "a\ud83c" }, "topic"],
  ["a topic of tidemark's own", { ...VALID, topic: "run.lifecycle.RunEnded" }, "topic"],
  ["an unknown topic of tidemark's own", { ...VALID, topic: "run.lifecycle." }, "topic"],
  ["no payload type", { ...VALID, payloadType: undefined }, "payloadType"],
  ["an empty payload type", { ...VALID, payloadType: "" }, "payloadType"],
  ["a payload type of 129 bytes", { ...VALID, payloadType: "a".repeat(129) }, "payloadType"],
  ["a payload type with NUL", { ...VALID, payloadType: "\0" }, "payloadType"],
  ["a payload type with a lone surrogate", { ...VALID, payloadType: "\udc00" }, "payloadType"],
  ["no payload", { ...VALID, payload: undefined }, "payload"],
  ["null as payload", { ...VALID, payload: null }, "payload"],
  ["an object as payload", { ...VALID, payload: {} }, "payload"],
  ["an array as payload", { ...VALID, payload: [1, 2] }, "payload"],
  ["an ArrayBuffer as payload", { ...VALID, payload: new ArrayBuffer(1) }, "payload"],
  ["wider numbers as payload", { ...VALID, payload: new Uint16Array(1) }, "payload"],
  ["a payload of one byte too many", { ...VALID, payload: Buffer.alloc(65) }, "payload"],
  ["a text payload of one byte too many", { ...VALID, payload: "a".repeat(65) }, "payload"],
  ["a text payload too long in UTF-8 alone", { ...VALID, payload: WAVE.repeat(17) }, "payload"],
  ["a text payload with a lone surrogate", { ...VALID, payload: "\ud800" }, "payload"],
  ["a payload whose buffer is detached", { ...VALID, payload: detached() }, "payload"],
  ["a number as tsInit", { ...VALID, tsInit: 1 }, "tsInit"],
  ["null as tsInit", { ...VALID, tsInit: null }, "tsInit"],
  ["a tsInit below 0", { ...VALID, tsInit: -1n }, "tsInit"],
  ["a tsInit of 2^64", { ...VALID, tsInit: 2n ** 64n }, "tsInit"],
  ["null as headers", { ...VALID, headers: null }, "headers"],
  ["text as headers", { ...VALID, headers: "h" }, "headers"],
  ["an unknown header", { ...VALID, headers: { correlationID: UUID } }, "headers"],
  [
    "a correlation that is no UUID",
    { ...VALID, headers: { correlationId: "O-1" } },
    "headers.correlationId",
  ],
  [
    "a causation with braces",
    { ...VALID, headers: { causationId: `{${UUID}}` } },
    "headers.causationId",
  ],
  [
    "a causation that is a number",
    { ...VALID, headers: { causationId: 1 } },
    "headers.causationId",
  ],
  ["an object as keys", { ...VALID, indexKeys: {} }, "indexKeys"],
  ["257 keys", { ...VALID, indexKeys: keys(257) }, "indexKeys"],
  ["null as a key", { ...VALID, indexKeys: [null] }, "indexKeys[0]"],
  ["a key without kind", { ...VALID, indexKeys: [{ key: "a" }] }, "indexKeys[0].kind"],
  ["a kind without key", { ...VALID, indexKeys: [{ kind: "a" }] }, "indexKeys[0].key"],
  ["an empty kind", { ...VALID, indexKeys: [{ kind: "", key: "a" }] }, "indexKeys[0].kind"],
  [
    "a bad key behind a good one",
    { ...VALID, indexKeys: [...keys(1), { kind: "k", key: "" }] },
    "indexKeys[1].key",
  ],
  ["a key with NUL", { ...VALID, indexKeys: [{ kind: "k", key: "\0" }] }, "indexKeys[0].key"],
  [
    "a key with a lone surrogate",
    { ...VALID, indexKeys: [{ kind: "k", key: "\ud800" }] },
    "indexKeys[0].key",
  ],
  [
    "the key __proto__",
    { ...VALID, indexKeys: [{ kind: "k", key: "__proto__" }] },
    "indexKeys[0].key",
  ],
  [
    "the kind __proto__",
    { ...VALID, indexKeys: [{ kind: "__proto__", key: "k" }] },
    "indexKeys[0].kind",
  ],
  [
    "481 bytes of kind and key",
    { ...VALID, indexKeys: [{ kind: "k", key: "a".repeat(480) }] },
    "indexKeys[0]",
  ],
];

for (const [title, invalid, field] of INVALID) {
  test(`refuses ${title}`, async () => {
    const run = memoryRun({ writer: { maxPayloadBytes: 64 } });
    const draft = invalid as EntryDraft;
    let told: unknown;
    run.append$(draft).subscribe({ error: (error) => (told = error) });
    const failures = [
      thrownBy(() => run.offer(draft)),
      thrownBy(() => run.submissions.next(draft)),
      await failureOf(run.submit(draft)),
      await failureOf(run.append(draft)),
      told,
    ] as InvalidEntryError[];
    for (const failure of failures) {
      assert.is(failure.code, "TIDEMARK_INVALID_ENTRY");
      assert.is(failure.field, field);
      assert.type(failure.limit, "string");
    }
    // Nothing was recorded, and nothing else happened.
    assert.is(run.accepted, 0);
    assert.is(await run.append(VALID), 1);
    assert.is((await run.close()).highWatermark, 2);
  });
}

test("says what the value was", () => {
  const run = memoryRun();
  const failure = thrownBy(() => run.offer({ ...VALID, topic: "a\0" })) as InvalidEntryError;
  assert.is(failure.value, "a\0");
  const large = { ...VALID, payload: Buffer.alloc(17 * 1024 * 1024) };
  assert.is((thrownBy(() => run.offer(large)) as InvalidEntryError).value, 17 * 1024 * 1024);
});

const VALID_DRAFTS: readonly (readonly [title: string, draft: EntryDraft])[] = [
  ["a topic of 512 bytes", { ...VALID, topic: "a".repeat(512) }],
  ["a topic of 128 waves", { ...VALID, topic: WAVE.repeat(128) }],
  ["a topic like tidemark's own", { ...VALID, topic: "run.lifecycle" }],
  ["a payload type of 128 bytes", { ...VALID, payloadType: "a".repeat(128) }],
  ["an empty payload", { ...VALID, payload: new Uint8Array(0) }],
  ["a payload of all bytes", { ...VALID, payload: Buffer.alloc(64) }],
  ["a text payload of all bytes", { ...VALID, payload: WAVE.repeat(16) }],
  ["a payload with NUL", { ...VALID, payload: "\0" }],
  ["headers without values", { ...VALID, headers: {} }],
  ["256 keys", { ...VALID, indexKeys: keys(256) }],
  ["480 bytes of kind and key", { ...VALID, indexKeys: [{ kind: "k", key: "a".repeat(479) }] }],
];

for (const [title, draft] of VALID_DRAFTS) {
  test(`takes ${title}`, async () => {
    const run = memoryRun({ writer: { maxPayloadBytes: 64 } });
    assert.is(await run.append(draft), 1);
  });
}

test("refuses neither tidemark's own entries nor what comes after an invalid draft", async () => {
  const run = memoryRun();
  const promise = run.append({ ...VALID, topic: "" });
  const next = run.append(VALID);
  assert.is((await failureOf(promise)).code, "TIDEMARK_INVALID_ENTRY");
  assert.is(await next, 1);
});

test("a header that is inherited is checked as one that is the draft's own", async () => {
  class Headers {
    get correlationId(): string {
      return "not-a-uuid";
    }
  }
  const run = memoryRun();
  const failure = (await failureOf(
    run.append({ ...draftOf(1), headers: new Headers() }),
  )) as InvalidEntryError;
  assert.is(failure.field, "headers.correlationId");
  assert.is(run.accepted, 0);
  assert.is((await run.close()).highWatermark, 1);
});

test.run();
