import { firstValueFrom, map, toArray } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import { entryHashOf } from "../../src/format/entryHash.ts";
import type { InvalidConfigError } from "../../src/model/errors.ts";
import type { EntryQuery, EntrySource } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { failureOf, thrownBy } from "../streams/support/failureOf.ts";
import { BUY, seqsOf, writtenRun } from "./support/writtenRun.ts";
import { ServedLog } from "./support/ServedLog.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("reading a run");

/** The same, read in pages of one frame. */
async function pagedReader(): Promise<EntrySource> {
  const catalog = wrappedCatalog(await writtenRun(), { read: (log) => new ServedLog(log, {}) });
  return readRun({ catalog });
}

const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const QUERIES: readonly (readonly [title: string, query: EntryQuery, seqs: readonly number[]])[] = [
  ["all of it, oldest first", {}, ALL],
  ["from a seq within a frame", { from: 4 }, [4, 5, 6, 7, 8, 9, 10]],
  ["up to a seq within a frame", { to: 6 }, [1, 2, 3, 4, 5, 6]],
  ["a span within one frame", { from: 3, to: 3 }, [3]],
  ["up to 0", { to: 0 }, []],
  ["a span that is none", { from: 5, to: 4 }, []],
  ["a start beyond the end", { from: 11 }, []],
  ["an end beyond the end", { from: 9, to: 99 }, [9, 10]],
  ["all of it, newest first", { reverse: true }, ALL.toReversed()],
  ["newest first from a seq", { reverse: true, from: 8 }, [10, 9, 8]],
  ["newest first up to a seq", { reverse: true, to: 3 }, [3, 2, 1]],
  ["newest first within one frame", { reverse: true, from: 3, to: 3 }, [3]],
  ["newest first a span that is none", { reverse: true, from: 5, to: 4 }, []],
  ["newest first beyond the end", { reverse: true, from: 11, to: 20 }, []],
  ["one topic", { topics: ["exec.order"] }, [2, 4, 6, 8]],
  ["topics by globs", { topics: ["exec.*", "run.*"] }, [1, 2, 4, 6, 8, 10]],
  ["topics by one character", { topics: ["md.quot?"] }, [3, 5, 7, 9]],
  ["topics anchored at both ends", { topics: ["exec", "order", "xec.order"] }, []],
  ["topics in another case", { topics: ["EXEC.*"] }, []],
  ["no topic", { topics: [] }, []],
  ["payload types", { payloadTypes: ["Quote", "RunEnded"] }, [3, 5, 7, 9, 10]],
  ["a part of a payload type", { payloadTypes: ["Quo", "Quote*"] }, []],
  ["one correlation, in any case", { correlationId: BUY.toUpperCase() }, [2, 4, 6, 8]],
  ["a correlation that nobody has", { correlationId: BUY.replace("5", "6") }, []],
  [
    "one index key, in all entries that carry it",
    { indexKey: { kind: "id", key: "O-1" } },
    [3, 4, 5],
  ],
  ["a key of another kind", { indexKey: { kind: "desk", key: "O-1" } }, []],
  [
    "all conditions at once",
    {
      from: 3,
      to: 8,
      topics: ["exec.*"],
      payloadTypes: ["Order"],
      correlationId: BUY,
      reverse: true,
    },
    [8, 6, 4],
  ],
];

for (const [title, query, seqs] of QUERIES) {
  test(`gives ${title}`, async () => {
    assert.equal(await seqsOf(await readRun({ catalog: await writtenRun() }), query), seqs);
    assert.equal(await seqsOf(await pagedReader(), query), seqs);
  });
}

test("gives entries whole, with hashes that hold, and copies of their bytes", async () => {
  const reader = await readRun({ catalog: await writtenRun() });
  const [first] = await firstValueFrom(reader.entries$({ from: 2, to: 2 }).pipe(toArray()));
  first?.payload.fill(0);
  first?.hash.fill(0);
  for await (const entry of reader.entries()) assert.equal(entryHashOf(entry), entry.hash);
  const again = await reader.entryAt(2);
  assert.is(Buffer.from(again?.payload as Uint8Array).toString(), "p2");
  assert.equal(again?.headers, { correlationId: BUY });
  assert.equal(again?.indexKeys, [
    { kind: "id", key: "O-0" },
    { kind: "desk", key: "d" },
  ]);
});

test("gives the few that match memory of their own, and shares it among many", async () => {
  const reader = await readRun({ catalog: await writtenRun() });
  let matches = 0;
  for await (const { payload } of reader.entries({ indexKey: { kind: "id", key: "O-0" } })) {
    assert.is(payload.buffer.byteLength, payload.length);
    matches += 1;
  }
  assert.ok(matches > 0);
  const payloads = await firstValueFrom(
    reader.entries$({ topics: ["*", "*.*", "*.*.*"] }).pipe(
      map(({ payload }) => payload),
      toArray(),
    ),
  );
  assert.ok(payloads.some((payload) => payload.buffer.byteLength > payload.length));
});

test("gives the entry at a seq, undefined beyond both ends, and refuses what is no seq", async () => {
  for (const reader of [await readRun({ catalog: await writtenRun() }), await pagedReader()]) {
    for (const seq of ALL) assert.is((await reader.entryAt(seq))?.seq, seq);
    assert.is(await reader.entryAt(0), undefined);
    assert.is(await reader.entryAt(11), undefined);
    for (const seq of [-1, 1.5, Number.NaN, 2 ** 53, "1"]) {
      const failure = (await failureOf(reader.entryAt(seq as number))) as InvalidConfigError;
      assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
      assert.is(failure.option, "seq");
    }
  }
});

test("looks a key up: the first seq that mentioned it", async () => {
  const reader = await readRun({ catalog: await writtenRun() });
  assert.is(await reader.lookup("id", "O-1"), 3);
  assert.is(await reader.lookup("desk", "d"), 2);
  assert.is(await reader.lookup("id", "O-9"), undefined);
  assert.is(await reader.lookup("nobody", "O-1"), undefined);
});

test("lists the keys of a kind by key, with the first seq that mentioned each", async () => {
  const reader = await readRun({ catalog: await writtenRun() });
  const keys: unknown[] = [];
  for await (const { key, seq } of reader.indexKeys("id")) keys.push([key, seq]);
  assert.equal(keys, [
    ["O-0", 2],
    ["O-1", 3],
    ["O-2", 6],
    ["O-3", 9],
  ]);
  for await (const key of reader.indexKeys("nobody")) assert.unreachable(key.key);
});

test("lists more keys than a page holds", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  for (let item = 0; item < 2_500; item += 1) {
    const key = String(item).padStart(5, "0");
    run.offer({ topic: "t", payloadType: "T", payload: "", indexKeys: [{ kind: "k", key }] });
  }
  await run.close();
  const reader = await readRun({ catalog });
  const keys: string[] = [];
  for await (const { key } of reader.indexKeys("k")) keys.push(key);
  assert.is(keys.length, 2_500);
  assert.equal(keys, keys.toSorted());
});

test("plans a replay: all of it without an anchor, the tail with one", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  assert.equal(await run.snapshotReplayPlan(), { fromSeq: 1, toSeq: 1, isEmpty: false });
  const anchor = await run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
  assert.equal(await run.snapshotReplayPlan(), { anchor, fromSeq: 2, toSeq: 1, isEmpty: true });
  await run.append({ topic: "t", payloadType: "T", payload: "" });
  assert.equal(await run.snapshotReplayPlan(), { anchor, fromSeq: 2, toSeq: 2, isEmpty: false });
  await run.close();
  const reader = await readRun({ catalog });
  assert.equal(await reader.latestSnapshotAnchor(), anchor);
  assert.equal(await reader.snapshotReplayPlan(), {
    anchor,
    fromSeq: 2,
    toSeq: 3,
    isEmpty: false,
  });
});

test("refuses a plan over an anchor beyond the watermark", async () => {
  const anchor = { highWatermark: 11, blobRef: "b", contentHash: "c" };
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) => new ServedLog(log, { anchor }),
  });
  const reader = await readRun({ catalog });
  assert.is((await failureOf(reader.snapshotReplayPlan())).code, "TIDEMARK_CORRUPTED");
  assert.equal(await reader.latestSnapshotAnchor(), anchor);
});

const BAD_QUERIES: readonly (readonly [unknown, string])[] = [
  [null, "query"],
  [[], "query"],
  [{ topic: "x.*" }, "query.topic"],
  [{ toString: 1 }, "query.toString"],
  [{ from: 0 }, "from"],
  [{ from: 1.5 }, "from"],
  [{ to: -1 }, "to"],
  [{ to: "9" }, "to"],
  [{ reverse: 1 }, "reverse"],
  [{ reverse: null }, "reverse"],
  [{ live: "yes" }, "live"],
  [{ live: true, reverse: true }, "live"],
  [{ topics: "exec.*" }, "topics"],
  [{ topics: [7] }, "topics"],
  [{ payloadTypes: {} }, "payloadTypes"],
  [{ correlationId: 7 }, "correlationId"],
  [{ indexKey: "O-1" }, "indexKey"],
  [{ indexKey: { kind: "k" } }, "indexKey"],
];

for (const [query, option] of BAD_QUERIES) {
  test(`refuses the query ${JSON.stringify(query)} at the call`, async () => {
    const reader = await readRun({ catalog: await writtenRun() });
    for (const read of ["entries", "entries$"] as const) {
      const failure = thrownBy(() => reader[read](query as EntryQuery)) as InvalidConfigError;
      assert.is(failure.code, "TIDEMARK_INVALID_CONFIG");
      assert.is(failure.option, option);
    }
  });
}

test("refuses a kind and a key that are no text", async () => {
  const reader = await readRun({ catalog: await writtenRun() });
  for (const [kind, key, option] of [
    [5, "O-1", "kind"],
    ["id", 6, "key"],
    ["id", undefined, "key"],
  ] as const) {
    const asked = reader.lookup(kind as never, key as never);
    const failure = (await failureOf(asked)) as InvalidConfigError;
    assert.equal([failure.code, failure.option], ["TIDEMARK_INVALID_CONFIG", option]);
  }
  const failure = thrownBy(() => reader.indexKeys(7 as never)) as InvalidConfigError;
  assert.equal([failure.code, failure.option], ["TIDEMARK_INVALID_CONFIG", "kind"]);
});

test.run();
