import { firstValueFrom, toArray } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entryHashOf } from "../../src/format/entryHash.ts";
import type { Entry, EntryDraft } from "../../src/model/entry.ts";
import { CLIENT_ORDER_ID, VENUE_ORDER_ID } from "../../src/model/entry.ts";
import type { Run } from "../../src/model/Run.ts";
import { DraftCapture, sizeOfDraft } from "../../src/streams/DraftCapture.ts";
import { PayloadCopies } from "../../src/streams/PayloadCopies.ts";
import { schedulerClock, systemClock } from "../../src/streams/systemClock.ts";
import type { TidemarkError } from "../../src/model/errors.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("what a writer captures of a draft");

const CORRELATION = "6F9619FF-8B86-D011-B42D-00CF4FC964FF";
const CAUSATION = "550e8400-e29b-41d4-a716-446655440000";

async function entriesOf(run: Run): Promise<Entry[]> {
  return firstValueFrom(run.entries$().pipe(toArray()));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

/** A clock that tells one time after the other. */
function clockOf(...times: bigint[]): { now: () => bigint } {
  return { now: () => (times.length > 1 ? (times.shift() as bigint) : (times[0] as bigint)) };
}

test("an offer that there is no room for is not captured", () => {
  let readings = 0;
  const clock = { now: () => BigInt(++readings) };
  const writer = openWriter(new ScriptedBackend(), { clock, writer: { queueCapacity: 2 } });
  while (writer.offer(draftOf(1)));
  const before = readings;
  assert.is(writer.offer(draftOf(1)), false);
  assert.is(readings, before);
});

for (const verb of ["offer", "submit", "append", "append$", "submissions"] as const) {
  test(`${verb} has the payload before it returns: changing the buffer afterwards changes nothing`, async () => {
    const run = memoryRun({ commitMs: 1 });
    const payload = Buffer.from("before");
    const indexKeys = [{ kind: "k", key: "before" }];
    const headers = { correlationId: CAUSATION };
    const draft = { topic: "t", payloadType: "T", payload, indexKeys, headers };
    if (verb === "append$") run.append$(draft).subscribe();
    else if (verb === "submissions") run.submissions.next(draft);
    else void run[verb](draft);
    payload.fill("x");
    draft.topic = "changed";
    headers.correlationId = CORRELATION;
    (indexKeys[0] as { key: string }).key = "after";
    await run.append({ topic: "t", payloadType: "T", payload: "" });
    const [entry] = await entriesOf(run);
    assert.is(text(entry?.payload as Uint8Array), "before");
    assert.is(entry?.topic, "t");
    assert.equal(entry?.indexKeys, [{ kind: "k", key: "before" }]);
    assert.is(entry?.headers.correlationId, CAUSATION);
  });
}

test("keeps payloads, empty ones and parts of a larger buffer too, and their hashes", async () => {
  const run = memoryRun();
  const payloads = [
    new Uint8Array(0),
    new Uint8Array([0, 255, 127]),
    Buffer.from("a part of more").subarray(2, 6),
    Buffer.alloc(100_000, 7),
  ];
  for (const payload of payloads) run.offer({ topic: "t", payloadType: "T", payload });
  await run.append({ topic: "t", payloadType: "T", payload: "Grüße \u{1F30A}" });
  const entries = await entriesOf(run);
  for (const [position, payload] of payloads.entries()) {
    assert.equal(Buffer.from(entries[position]?.payload as Uint8Array), Buffer.from(payload));
  }
  assert.is(text(entries[4]?.payload as Uint8Array), "Grüße \u{1F30A}");
  for (const entry of entries) assert.equal(entryHashOf(entry), entry.hash);
});

test("gives a draft without headers and keys an entry without headers and keys", async () => {
  const run = memoryRun();
  await run.append({ topic: "orders", payloadType: "Order", payload: "p", tsInit: 17n });
  const [entry] = await entriesOf(run);
  assert.equal(entry?.headers, {});
  assert.equal(entry?.indexKeys, []);
  assert.equal(
    { topic: entry?.topic, payloadType: entry?.payloadType, tsInit: entry?.tsInit },
    { topic: "orders", payloadType: "Order", tsInit: 17n },
  );
});

test("keeps headers in lower case, and all index keys in order", async () => {
  const run = memoryRun();
  const indexKeys = [
    { kind: VENUE_ORDER_ID, key: "V-1" },
    { kind: CLIENT_ORDER_ID, key: "O-1" },
    { kind: CLIENT_ORDER_ID, key: "O-1" },
  ];
  const headers = { correlationId: CORRELATION, causationId: CAUSATION };
  await run.append({ topic: "t", payloadType: "T", payload: "", headers, indexKeys });
  const [entry] = await entriesOf(run);
  assert.equal(entry?.headers, {
    correlationId: CORRELATION.toLowerCase(),
    causationId: CAUSATION,
  });
  assert.equal(entry?.indexKeys, indexKeys);
});

test("stamps tsPublish with the clock at submission, not at the commit", async () => {
  const clock = clockOf(5n, 1_000n, 2_000n, 9_000n);
  const run = memoryRun({ clock, commitMs: 1 });
  run.offer({ topic: "t", payloadType: "T", payload: "" });
  await run.append({ topic: "t", payloadType: "T", payload: "" });
  const entries = await entriesOf(run);
  assert.equal(
    entries.map(({ tsPublish }) => tsPublish),
    [1_000n, 2_000n],
  );
});

test("stamps a draft in line when it is handed in, not when it is accepted", async () => {
  const clock = clockOf(5n, 10n, 20n, 30n, 40n, 50n);
  const run = memoryRun({ clock, commitMs: 1, writer: { queueCapacity: 1 } });
  const appends = [1, 2, 3, 4].map(() => run.append({ topic: "t", payloadType: "T", payload: "" }));
  await Promise.all(appends);
  const entries = await entriesOf(run);
  assert.equal(
    entries.map(({ tsPublish }) => tsPublish),
    [10n, 20n, 30n, 40n],
  );
});

test("never lets tsPublish run backwards when the clock does", async () => {
  const clock = clockOf(5n, 100n, 40n, 99n, 101n, 3n);
  const run = memoryRun({ clock });
  for (let item = 0; item < 5; item += 1) {
    run.offer({ topic: "t", payloadType: "T", payload: "" });
  }
  await run.append({ topic: "t", payloadType: "T", payload: "" });
  const entries = await entriesOf(run);
  assert.equal(
    entries.map(({ tsPublish }) => tsPublish),
    [100n, 100n, 100n, 101n, 101n, 101n],
  );
  // What the clock said is still what an entry without a time of its own gets.
  assert.equal(
    entries.map(({ tsInit }) => tsInit),
    [100n, 40n, 99n, 101n, 3n, 3n],
  );
});

test("keeps the caller's tsInit, however historic, and takes the clock where there is none", async () => {
  const run = memoryRun({ clock: clockOf(1_000n) });
  const draft: EntryDraft = { topic: "t", payloadType: "T", payload: "" };
  run.offer({ ...draft, tsInit: 0n });
  run.offer({ ...draft, tsInit: 2n ** 64n - 1n });
  await run.append(draft);
  const entries = await entriesOf(run);
  assert.equal(
    entries.map(({ tsInit }) => tsInit),
    [0n, 2n ** 64n - 1n, 1_000n],
  );
});

test("stamps with the system's clock at or after one read before, strictly increasing", () => {
  const capture = new DraftCapture(systemClock, 1024, new PayloadCopies());
  const before = systemClock.now();
  const stamps = Array.from(
    { length: 100 },
    () => capture.capture({ topic: "t", payloadType: "T", payload: "" }).tsPublish,
  );
  assert.ok((stamps[0] as bigint) >= before);
  for (let index = 1; index < stamps.length; index += 1) {
    assert.ok((stamps[index] as bigint) > (stamps[index - 1] as bigint));
  }
});

test("takes the system's time from the wall clock", () => {
  const differenceMs = Number(systemClock.now() / 1_000_000n) - Date.now();
  assert.ok(Math.abs(differenceMs) < 60_000, `${differenceMs} ms`);
});

test("turns a scheduler's milliseconds into exact nanoseconds", () => {
  let now = 1_700_000_000_123;
  const clock = schedulerClock({ now: () => now, schedule: () => assert.unreachable() as never });
  assert.is(clock.now(), 1_700_000_000_123_000_000n);
  now = 0.25;
  assert.is(clock.now(), 250_000n);
});

test("counts a draft's size from its payload and keys", () => {
  const capture = new DraftCapture(systemClock, 1024, new PayloadCopies());
  const draft = { topic: "t", payloadType: "T", payload: Buffer.alloc(100) };
  const plain = sizeOfDraft(capture.capture(draft));
  const indexKeys = [{ kind: "k", key: "12345678" }];
  assert.ok(plain >= 100);
  assert.ok(sizeOfDraft(capture.capture({ ...draft, indexKeys })) >= plain + 8);
});

for (const [title, now] of [
  ["before 1970", -5n],
  ["beyond 64 bits", 2n ** 64n + 7n],
  ["that is no bigint", 5 as unknown as bigint],
] as const) {
  test(`refuses a time of the clock ${title}, and records nothing`, async () => {
    let time = 1n;
    const run = memoryRun({ clock: { now: () => time } });
    await run.append(draftOf(1));
    time = now;
    const failure = await failureOf(run.append(draftOf(2)));
    assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
    assert.throws(
      () => run.offer(draftOf(3)),
      (error: TidemarkError) => error.code === "TIDEMARK_INVALID_CONFIG",
    );
    time = 2n;
    assert.is((await run.close()).highWatermark, 2);
  });
}

test.run();
