import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../src/backends/lmdb/lmdbCatalog.ts";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import type { RunReader } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { replay } from "../../src/runs/replay.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";
import { seqsOf, writtenRun } from "./support/writtenRun.ts";

const test = suite("reading a run that is still being written");

const DRAFT = { topic: "t", payloadType: "T", payload: "" };
const REDUCERS = { T: (count: number): number => count + 1 };

/** Answers of a run that had one entry when its reader was opened and has six now. */
const ANSWERS: readonly {
  readonly title: string;
  readonly ask: (reader: RunReader) => Promise<unknown>;
  readonly answer: unknown;
}[] = [
  { title: "entries", ask: (reader) => seqsOf(reader), answer: [1, 2, 3, 4, 5, 6] },
  {
    title: "entries, newest first",
    ask: (reader) => seqsOf(reader, { reverse: true, from: 4 }),
    answer: [6, 5, 4],
  },
  {
    title: "entries up to one of them",
    ask: (reader) => seqsOf(reader, { from: 3, to: 4 }),
    answer: [3, 4],
  },
  {
    title: "entries from beyond the end",
    ask: (reader) => seqsOf(reader, { from: 7, to: 9 }),
    answer: [],
  },
  { title: "entryAt", ask: async (reader) => (await reader.entryAt(6))?.seq, answer: 6 },
  { title: "entryAt beyond the end", ask: (reader) => reader.entryAt(7), answer: undefined },
  {
    title: "snapshotReplayPlan",
    ask: (reader) => reader.snapshotReplayPlan(),
    answer: { fromSeq: 1, toSeq: 6, isEmpty: false },
  },
  {
    title: "replay",
    ask: async (reader) => (await replay({ reader, initial: 0, reducers: REDUCERS })).state,
    answer: 5,
  },
];

/** In memory, and on a disk. */
async function inEachCatalog(check: (catalog: RunCatalog) => Promise<void>): Promise<void> {
  await check(memoryCatalog());
  await inTemporaryFolder((directory) => check(lmdbCatalog({ directory })));
}

for (const { title, ask, answer } of ANSWERS) {
  test(`is answered by how far it is now: ${title}`, () =>
    inEachCatalog(async (catalog) => {
      const run = await openRun({ catalog });
      const reader = await readRun({ catalog });
      for (let item = 0; item < 5; item += 1) await run.append(DRAFT);
      assert.equal(await ask(reader), answer);
      await reader.close();
      await run.close();
    }));
}

test("ends where the run was when the iteration began", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const reader = await readRun({ catalog });
  await run.append(DRAFT);
  const entries = reader.entries()[Symbol.asyncIterator]();
  const seen: unknown[] = [(await entries.next()).value?.seq];
  await run.append(DRAFT);
  for await (const { seq } of { [Symbol.asyncIterator]: () => entries }) seen.push(seq);
  assert.equal(seen, [1, 2]);
  assert.is(reader.manifest.status, "running");
  await run.close();
});

test("sees that the run has been closed meanwhile", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const reader = await readRun({ catalog });
  await run.close();
  assert.equal(await seqsOf(reader), [1, 2]);
  assert.is(reader.manifest.status, "ended");
});

test("is refused by a reader that is closed", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const reader = await readRun({ catalog });
  await reader.close();
  for (const ask of [
    () => seqsOf(reader),
    () => reader.entryAt(9),
    () => reader.snapshotReplayPlan(),
  ]) {
    assert.is((await failureOf(ask())).code, "TIDEMARK_CLOSED");
  }
  await run.close();
});

test("costs a sealed run no look", async () => {
  let looks = 0;
  const catalog = wrappedCatalog(await writtenRun(), {
    read: (log) =>
      overridden(log, {
        refresh: () => {
          looks += 1;
          return log.refresh();
        },
      }),
  });
  const reader = await readRun({ catalog });
  looks = 0;
  assert.is((await seqsOf(reader)).length, 10);
  assert.is((await seqsOf(reader, { live: true })).length, 10);
  assert.is(await reader.entryAt(11), undefined);
  assert.is((await reader.snapshotReplayPlan()).toSeq, 10);
  assert.is(looks, 0);
});

test.run();
