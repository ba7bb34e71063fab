import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import { contentHashOf } from "../../src/format/contentHash.ts";
import type { Entry } from "../../src/model/entry.ts";
import type { InvalidConfigError, ReplayError } from "../../src/model/errors.ts";
import type { SnapshotAnchor } from "../../src/model/manifest.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { replay, type ReplayOptions } from "../../src/runs/replay.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { ServedLog } from "./support/ServedLog.ts";
import { add, ANCHOR, sum, summed } from "./support/summed.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("replay");

test("folds every entry from the first one where there is no snapshot", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await add(run, 1, 20, 300);
  await run.close();
  assert.equal(await summed(catalog), {
    state: 321,
    plan: { fromSeq: 1, toSeq: 5, isEmpty: false },
    parents: [],
    applied: 3,
    // RunStarted and RunEnded.
    ignored: 2,
  });
});

test("restores the snapshot before it applies the tail, and nothing at or below the anchor", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await add(run, 1, 20);
  await run.recordSnapshotAnchor(ANCHOR);
  await add(run, 300);
  await run.close();
  const log: unknown[] = [];
  const { state, plan, applied } = await summed(catalog, {
    restoreSnapshot: async (anchor) => {
      await new Promise(setImmediate);
      log.push(anchor);
      return 5_000;
    },
    reducers: { Add: (before, entry) => (log.push(entry.seq), sum(before, entry)) },
  });
  assert.is(state, 5_300);
  assert.is(applied, 1);
  assert.equal(log, [{ ...ANCHOR, highWatermark: 3 }, 4]);
  assert.equal(plan, { anchor: log[0] as SnapshotAnchor, fromSeq: 4, toSeq: 5, isEmpty: false });
});

test("is done with the snapshot where nothing follows it", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await add(run, 1);
  await run.recordSnapshotAnchor(ANCHOR);
  const { state, plan, applied, ignored } = await summed(catalog, { restoreSnapshot: () => 7 });
  assert.equal([state, plan.isEmpty, applied, ignored], [7, true, 0, 0]);
});

test("begins with the first entry where nobody can restore the snapshot", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await add(run, 1);
  await run.recordSnapshotAnchor(ANCHOR);
  await add(run, 20);
  const { state, plan } = await summed(catalog);
  assert.is(state, 21);
  assert.equal(plan, { fromSeq: 1, toSeq: 3, isEmpty: false });
});

test("reads a run that is being written as far as it is at the call", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  await add(run, 1);
  let isFirst = true;
  const { state, plan } = await replay({
    reader: run,
    initial: 0,
    reducers: {
      Add: (before, entry) => {
        if (isFirst) run.offer({ topic: "t", payloadType: "Add", payload: "20" });
        isFirst = false;
        return sum(before, entry);
      },
    },
  });
  assert.equal([state, plan.toSeq], [1, 2]);
});

test("passes over types that have no reducer, or refuses them with seq and type", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await add(run, 1);
  await run.append({ topic: "t", payloadType: "constructor", payload: "" });
  await run.close();
  assert.is((await summed(catalog)).ignored, 3);
  const failure = await failureOf(summed(catalog, { onUnknown: "error" }));
  const { code, seq, payloadType, runId } = failure as ReplayError;
  assert.equal([code, seq, payloadType, runId], ["TIDEMARK_REPLAY", 3, "constructor", run.runId]);
});

test("never takes an entry of the run's own life for an unknown one, and gives it who wants it", async () => {
  const catalog = memoryCatalog();
  await (await openRun({ catalog })).close();
  assert.equal((await summed(catalog, { onUnknown: "error" })).ignored, 2);
  const { state } = await summed(catalog, {
    onUnknown: "error",
    reducers: { RunStarted: (before) => before + 1, RunEnded: (before) => before + 10 },
  });
  assert.is(state, 11);
});

test("names the entry whose reducer fails, keeps the cause, and hands no state out", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await add(run, 1, 20, 300);
  const boom = new Error("boom");
  const initial = { sum: 0, seen: new Set<number>() };
  const failure = await failureOf(
    replay({
      reader: run,
      initial,
      reducers: {
        Add: (state, entry) => {
          if (entry.seq === 3) throw boom;
          state.sum = sum(state.sum, entry);
          state.seen.add(entry.seq);
          return state;
        },
      },
    }),
  );
  const { code, seq, payloadType, cause } = failure as ReplayError;
  assert.equal([code, seq, payloadType], ["TIDEMARK_REPLAY", 3, "Add"]);
  assert.is(cause, boom);
  assert.equal(initial, { sum: 0, seen: new Set() });
});

test("hands out a state of its own, also where there was nothing to apply", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  const initial = { open: new Map([["O-1", { quantity: 1n }]]) };
  const { state } = await replay({ reader: run, initial, reducers: {} });
  assert.equal(state, initial);
  assert.is.not(state, initial);
  assert.is.not(state.open.get("O-1"), initial.open.get("O-1"));
});

test("copies a state of another realm, and one that holds itself", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  const foreign: unknown = runInNewContext(
    "({ open: new Map([['O-1', { sides: new Set(['buy']) }]]), at: new Date(7), list: [[1]] })",
  );
  const copied = await replay({ reader: run, initial: foreign, reducers: {} });
  assert.equal(copied.state, {
    open: new Map([["O-1", { sides: new Set(["buy"]) }]]),
    at: new Date(7),
    list: [[1]],
  });
  const round: { self?: unknown; readonly constructor: string } = { constructor: "a value" };
  round.self = { round };
  const { state } = await replay({ reader: run, initial: round, reducers: {} });
  assert.is.not(state, round);
  assert.is((state.self as { readonly round: unknown }).round, state);
});

test("takes a function that makes the state where a copy would not be one", async () => {
  class Book {
    total = 0;
    add(number: number): this {
      this.total += number;
      return this;
    }
  }
  const run = await openRun({ catalog: memoryCatalog() });
  await add(run, 4, 5);
  const reducers = {
    Add: (book: Book, entry: Entry): Book => book.add(sum(0, entry)),
  };
  const { state } = await replay<Book>({ reader: run, initial: () => new Book(), reducers });
  assert.is(state.total, 9);
  class Books extends Map {}
  for (const initial of [
    new Book(),
    { now: () => 1 },
    { book: new Book() },
    [[{ books: new Map([["a", new Book()]]) }]],
    new Map([[new Book(), 1]]),
    new Set([new Book()]),
    { books: new Books() },
    { bytes: Buffer.from("a Buffer would become a Uint8Array") },
  ]) {
    const failure = await failureOf(replay<object>({ reader: run, initial, reducers: {} }));
    assert.equal((failure as InvalidConfigError).option, "initial");
  }
});

test("leaves no tail behind where the snapshot cannot be restored", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await add(run, 1);
  await run.recordSnapshotAnchor(ANCHOR);
  await add(run, 20);
  const mismatch = new Error("contentHash");
  let applied = 0;
  const failure = await summed(catalog, {
    restoreSnapshot: ({ contentHash }) => {
      if (contentHash !== contentHashOf(Buffer.from("another"))) throw mismatch;
      return 0;
    },
    reducers: { Add: () => (applied += 1) },
  }).catch((reason: unknown) => reason);
  assert.is(failure, mismatch);
  assert.is(applied, 0);
});

test("refuses an anchor beyond the end of the log", async () => {
  const catalog = memoryCatalog();
  await (await openRun({ catalog })).close();
  const beyond = wrappedCatalog(catalog, {
    read: (log) => new ServedLog(log, { anchor: { ...ANCHOR, highWatermark: 3 } }),
  });
  const failure = await failureOf(summed(beyond, { restoreSnapshot: () => 0 }));
  assert.is(failure.code, "TIDEMARK_CORRUPTED");
});

test("refuses a run that is quarantined", async () => {
  const catalog = memoryCatalog();
  const lease = await catalog.acquire("default");
  const run = await openRun({ catalog: memoryCatalog() });
  const backend = await lease.create(run.manifest);
  backend.seal("quarantined");
  assert.is((await failureOf(summed(catalog))).code, "TIDEMARK_QUARANTINED");
});

test("tells options that are none", async () => {
  const catalog = memoryCatalog();
  await (await openRun({ catalog })).close();
  for (const [option, options] of [
    ["reducers", { reducers: undefined }],
    ["reducers.Add", { reducers: { Add: 1 } }],
    ["onUnknown", { onUnknown: "throw" }],
    ["restoreSnapshot", { restoreSnapshot: true }],
    ["directory", { fromParents: {} }],
    ["reader", { reader: undefined }],
  ] as const) {
    const failure = await failureOf(summed(catalog, options as unknown as ReplayOptions<number>));
    assert.is((failure as InvalidConfigError).option, option);
  }
});

test.run();
