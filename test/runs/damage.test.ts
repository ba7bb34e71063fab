import { of } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import { frameDigestOf } from "../../src/format/frameDigest.ts";
import * as layout from "../../src/format/frameLayout.ts";
import type { CorruptedError, TidemarkError } from "../../src/model/errors.ts";
import type { EntryQuery, RunReader } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { flipped, rowsOf, sealedAfterLatest, ServedLog, type Row } from "./support/ServedLog.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("reading what is damaged");

/** A reader of 12 entries in frames of 1, 3, 3, 3 and 2, after somebody was at them. */
async function damagedReader(
  tamper: (rows: readonly Row[]) => readonly Row[],
  pageFrames = 1,
): Promise<RunReader> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog, writer: { maxBatchEntries: 3, flushWhenIdle: false } });
  for (let item = 2; item <= 11; item += 1) {
    run.offer({ topic: "t", payloadType: "T", payload: `payload ${item}` });
  }
  await run.close();
  return readRun({
    catalog: wrappedCatalog(catalog, {
      read: (log) => {
        const rows = rowsOf(log);
        assert.is(rows.length, 5);
        return new ServedLog(log, { rows: tamper(rows), pageFrames });
      },
    }),
  });
}

/** What is read before the error, and the error. */
async function readUntil(
  reader: RunReader,
  query: EntryQuery = {},
): Promise<[number[], TidemarkError]> {
  const pulled: number[] = [];
  const failure = await failureOf(
    (async () => {
      for await (const { seq } of reader.entries(query)) pulled.push(seq);
    })(),
  );
  const pushed: number[] = [];
  let told: TidemarkError | undefined;
  reader.entries$(query).subscribe({
    next: ({ seq }) => pushed.push(seq),
    error: (error: TidemarkError) => (told = error),
  });
  assert.is(told?.code, failure.code);
  assert.equal(pushed, pulled);
  return [pulled, failure];
}

function at(position: number, change: (row: Row) => Row): (rows: readonly Row[]) => readonly Row[] {
  return (rows) => rows.map((row, index) => (index === position ? change(row) : row));
}

/** Where the payload of the frame's last entry is: right before the digest. */
const LAST_PAYLOAD = -layout.DIGEST_BYTES - 16;

test("is served whole where nothing was changed", async () => {
  const reader = await damagedReader((rows) => rows);
  let count = 0;
  for await (const { seq } of reader.entries()) assert.is(seq, (count += 1));
  assert.is(count, 12);
});

test("an entry whose bytes were changed is never served, from wherever it is read", async () => {
  const reader = await damagedReader(at(2, (row) => flipped(row, LAST_PAYLOAD)));
  for (const query of [{}, { from: 6 }, { topics: ["t"] }, { reverse: true }]) {
    const [seen, failure] = await readUntil(reader, query);
    assert.is(failure.code, "TIDEMARK_CORRUPTED");
    assert.not(seen.includes(7));
    assert.ok(seen.length <= 5);
  }
  assert.is((await failureOf(reader.entryAt(7))).code, "TIDEMARK_HASH_MISMATCH");
});

test("what comes before damage in the same page is served, and nothing after it", async () => {
  const reader = await damagedReader(
    at(3, (row) => flipped(row, LAST_PAYLOAD)),
    5,
  );
  const [seen, failure] = await readUntil(reader);
  assert.is(failure.code, "TIDEMARK_CORRUPTED");
  assert.equal(seen, [1, 2, 3, 4, 5, 6, 7]);
});

test("an entry changed together with its frame's digest is found by its own hash", async () => {
  const reader = await damagedReader(
    at(
      2,
      resealed((row) => flipped(row, LAST_PAYLOAD)),
    ),
  );
  const [seen, failure] = await readUntil(reader);
  // The chain, which the next frame carries on, would find it too; the entry is found first.
  assert.is(failure.code, "TIDEMARK_HASH_MISMATCH");
  assert.is((failure as unknown as { seq: number }).seq, 7);
  assert.not(seen.includes(7));
});

for (const [title, position] of [
  ["the magic", layout.AT_MAGIC],
  ["the first seq", layout.AT_FROM_SEQ],
  ["the number of entries", layout.AT_ENTRY_COUNT],
  ["the largest tsInit", layout.AT_MAX_TS_INIT],
  ["the largest tsInit of the run", layout.AT_RUN_MAX_TS_INIT],
  ["the previous digest", layout.AT_PREVIOUS_DIGEST],
  ["the digest", -1],
  ["a topic", layout.HEADER_BYTES + layout.TEXT_LENGTH_BYTES],
] as const) {
  test(`a frame with a flipped bit in ${title} gives a typed error and nothing wrong`, async () => {
    const reader = await damagedReader(at(1, (row) => flipped(row, position)));
    const [seen, failure] = await readUntil(reader);
    assert.match(failure.code, /TIDEMARK_(CORRUPTED|GAP|HASH_MISMATCH)/);
    assert.equal(seen, [1]);
  });
}

test("a frame of another format version than its run is damage", async () => {
  const reader = await damagedReader(at(1, (row) => flipped(row, layout.AT_VERSION)));
  const [seen, failure] = await readUntil(reader);
  assert.is(failure.code, "TIDEMARK_CORRUPTED");
  assert.equal(seen, [1]);
  assert.is((await failureOf(reader.entryAt(4))).code, "TIDEMARK_CORRUPTED");
});

for (const [title, tamper, from, to] of [
  ["in the middle", (rows: readonly Row[]) => rows.toSpliced(1, 1), 2, 4],
  ["at the start", (rows: readonly Row[]) => rows.slice(1), 1, 1],
  ["at the end", (rows: readonly Row[]) => rows.slice(0, -1), 11, 12],
  ["of two frames", (rows: readonly Row[]) => rows.toSpliced(1, 2), 2, 7],
  ["of all", () => [], 1, 12],
] as const) {
  test(`a gap ${title} is a gap from ${from} to ${to}, in both directions`, async () => {
    const reader = await damagedReader(tamper);
    for (const reverse of [false, true]) {
      const [seen, failure] = await readUntil(reader, { reverse });
      const { code, ...span } = failure as TidemarkError & { from: number; to: number };
      assert.is(code, "TIDEMARK_GAP");
      assert.equal([span.from, span.to], [from, to]);
      const good = reverse ? 12 - to : from - 1;
      assert.is(seen.length, good);
    }
    const failure = (await failureOf(reader.entryAt(from))) as TidemarkError & { from: number };
    assert.is(failure.code, "TIDEMARK_GAP");
    assert.is(failure.from, from);
  });
}

/** Frames two and three changed places. */
function swapped(rows: readonly Row[]): Row[] {
  const [first, second, third, ...rest] = rows as [Row, Row, Row, ...Row[]];
  return [first, { ...second, bytes: third.bytes }, { ...third, bytes: second.bytes }, ...rest];
}

test("frames that changed places are found, in both directions and one by one", async () => {
  const reader = await damagedReader(swapped);
  for (const reverse of [false, true]) {
    const [seen, failure] = await readUntil(reader, { reverse });
    assert.match(failure.code, /TIDEMARK_(GAP|CORRUPTED)/);
    assert.equal(seen, reverse ? [12, 11, 10, 9, 8] : [1]);
  }
  assert.is((await failureOf(reader.entryAt(2))).code, "TIDEMARK_GAP");
  assert.is((await failureOf(reader.entryAt(6))).code, "TIDEMARK_CORRUPTED");
});

test("a frame that stands twice is found", async () => {
  const reader = await damagedReader((rows) =>
    rows.with(1, { ...(rows[1] as Row), bytes: (rows[0] as Row).bytes }),
  );
  const [seen, failure] = await readUntil(reader);
  assert.is(failure.code, "TIDEMARK_CORRUPTED");
  assert.equal(seen, [1]);
});

test("a frame of another run, right in itself, breaks the chain, in both directions", async () => {
  const other = await damagedRows();
  const reader = await damagedReader((rows) => rows.with(1, other[1] as Row));
  for (const reverse of [false, true]) {
    const [seen, failure] = await readUntil(reader, { reverse });
    assert.is(failure.code, "TIDEMARK_CORRUPTED");
    assert.equal(seen, reverse ? [12, 11, 10, 9, 8, 7, 6, 5] : [1]);
  }
});

test("a frame with another digest is told by its own seq, in both directions", async () => {
  const reader = await damagedReader(at(2, (row) => flipped(row, -1)));
  for (const reverse of [false, true]) {
    const [, failure] = await readUntil(reader, { reverse });
    assert.is((failure as CorruptedError).seq, 5);
  }
});

test("a frame that tells another latest time of the run breaks the chain, in both directions", async () => {
  const reader = await damagedReader((rows) => sealedAfterLatest(rows, 4));
  for (const [reverse, expected] of [
    [false, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [true, [12, 11]],
  ] as const) {
    const [seen, failure] = await readUntil(reader, { reverse });
    assert.is(failure.code, "TIDEMARK_CORRUPTED");
    assert.equal(seen, expected);
  }
});

test("what stands before the damage can be read, and what stands after it from there", async () => {
  const reader = await damagedReader(at(1, (row) => flipped(row, -1)));
  const seqs: number[] = [];
  for await (const { seq } of reader.entries({ to: 1 })) seqs.push(seq);
  for await (const { seq } of reader.entries({ from: 5 })) seqs.push(seq);
  for await (const { seq } of reader.entries({ from: 5, reverse: true })) seqs.push(seq);
  const tail = [5, 6, 7, 8, 9, 10, 11, 12];
  assert.equal(seqs, [1, ...tail, ...tail.toReversed()]);
});

test("an error gives the log back: the reader closes", async () => {
  const reader = await damagedReader(() => []);
  await readUntil(reader);
  await failureOf(reader.entryAt(1));
  assert.is(await reader.close(), undefined);
});

/** The frames of another run of the same shape. */
async function damagedRows(): Promise<Row[]> {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog, writer: { maxBatchEntries: 3, flushWhenIdle: false } });
  for (let item = 2; item <= 11; item += 1) {
    run.offer({ topic: "t", payloadType: "T", payload: `another ${item}` });
  }
  await run.close();
  return rowsOf(await catalog.read("default", run.runId));
}

/** The change, with the digest made to fit it. */
function resealed(change: (row: Row) => Row): (row: Row) => Row {
  return (row) => {
    const changed = change(row);
    const { bytes } = changed;
    bytes.set(frameDigestOf(bytes), bytes.length - layout.DIGEST_BYTES);
    return changed;
  };
}

test("an index row that names the wrong entry is damage, not an answer", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const indexKeys = [{ kind: "id", key: "O-1" }];
  await run.append({ topic: "t", payloadType: "T", payload: "", indexKeys });
  await run.close();
  const reader = await readRun({
    catalog: wrappedCatalog(catalog, {
      read: (log) => Object.assign(new ServedLog(log, {}), { lookup: () => of(1) }),
    }),
  });
  assert.is((await failureOf(reader.lookup("id", "O-1"))).code, "TIDEMARK_CORRUPTED");
  assert.is(await (await readRun({ catalog })).lookup("id", "O-1"), 2);
});

test.run();
