import { firstValueFrom, from, lastValueFrom } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import type { Seq } from "../../src/model/entry.ts";
import type { InvalidConfigError } from "../../src/model/errors.ts";
import type { RunManifest } from "../../src/model/manifest.ts";
import type { EntryQuery, RunReader } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { eventually } from "../support/processes.ts";
import { draftOf } from "../support/scriptedWriter.ts";

const test = suite("following a run that somebody else writes");

/** What is told of a following, in order. */
interface Told {
  readonly told: (Seq | string)[];
  readonly over: Promise<void>;
}

/** Follows with an iteration; everything that is told, and how it ends. */
function followed(reader: RunReader, query: EntryQuery = {}): Told {
  const told: (Seq | string)[] = [];
  const whole: EntryQuery = {
    live: true,
    onCaughtUp: (seq) => told.push(`caught up ${seq}`),
    ...query,
  };
  const follow = async (): Promise<void> => {
    try {
      for await (const { seq } of reader.entries(whole)) told.push(seq);
      told.push("|");
    } catch (failure) {
      told.push((failure as { code: string }).code);
    }
  };
  return { told, over: follow() };
}

/** The same as an Observable. */
function pushed(reader: RunReader, query: EntryQuery = {}): Told {
  const told: (Seq | string)[] = [];
  const over = new Promise<void>((resolve) => {
    reader.entries$({ live: true, ...query }).subscribe({
      next: ({ seq }) => told.push(seq),
      error: ({ code }) => resolve(void told.push(code)),
      complete: () => resolve(void told.push("|")),
    });
  });
  return { told, over };
}

/** Waits until it is told to be caught up. */
function reachedBy({ told }: Told): Promise<void> {
  const isCaughtUp = (): boolean => told.some((what) => String(what).startsWith("caught up"));
  return eventually(isCaughtUp, "never caught up");
}

/** A run that crashed: nobody holds its lease, and it is not sealed. */
async function leftRun(catalog: RunCatalog, entries: number): Promise<string> {
  const run = await openRun({ catalog });
  for (let item = 1; item < entries; item += 1) await run.append(draftOf(item));
  await run.abandon();
  return run.runId;
}

test("gives history, then what becomes durable, and ends with the seal, pulled and pushed", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog, writer: { maxBatchEntries: 3 } });
  await run.append(draftOf(1));
  const reader = await readRun({ catalog });
  const all = followed(reader);
  const others = [
    pushed(reader),
    followed(reader, { from: 3, to: 5, onCaughtUp: () => {} }),
    pushed(reader, { topics: ["none"] }),
  ];
  for (let item = 2; item <= 9; item += 1) await run.append(draftOf(item));
  await run.close();
  await Promise.all([all, ...others].map(({ over }) => over));
  const caughtUp = all.told.filter((what) => typeof what === "string");
  assert.is(caughtUp.length, 2);
  const reached = all.told[all.told.findIndex((what) => what === caughtUp[0]) - 1];
  assert.is(caughtUp[0], `caught up ${reached}`);
  const seqs = Array.from({ length: 11 }, (_, at) => at + 1);
  assert.equal(
    all.told.filter((what) => what !== caughtUp[0]),
    [...seqs, "|"],
  );
  assert.equal(
    others.map(({ told }) => told),
    [[...seqs, "|"], [3, 4, 5, "|"], ["|"]],
  );
  await reader.close();
});

test("gives the watermark of a run that is written, and of a sealed one once", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const reader = await readRun({ catalog });
  const seen: Seq[] = [];
  const over = new Promise<void>((resolve) => {
    reader.watermark$.subscribe({
      next: (seq) => seen.push(seq),
      error: assert.unreachable,
      complete: resolve,
    });
  });
  await run.append(draftOf(1));
  await run.close();
  await over;
  assert.is(seen.at(-1), 3);
  assert.equal(
    seen,
    [...new Set(seen)].toSorted((a, b) => a - b),
  );
  const again: Seq[] = [];
  reader.watermark$.subscribe({ next: (seq) => again.push(seq), error: assert.unreachable });
  assert.equal(again, [3]);
  assert.is(reader.manifest.status, "ended");
});

test("ends where a run was left without being sealed", async () => {
  const catalog = memoryCatalog();
  await leftRun(catalog, 3);
  const { told, over } = followed(await readRun({ catalog }));
  await over;
  assert.equal(told, [1, 2, 3, "caught up 3", "|"]);
});

test("goes on into the run that continues one that crashed, and tells where it begins", async () => {
  const catalog = memoryCatalog();
  const runId = await leftRun(catalog, 3);
  const children: string[] = [];
  const reader = await readRun({ catalog, runId });
  const { told, over } = followed(reader, {
    followChildren: true,
    from: 2,
    onChild: (manifest) => told.push(`child of ${manifest.parentRunId}`),
  });
  const second = await openRun({ catalog });
  await second.append(draftOf(1));
  children.push(second.runId);
  await second.abandon();
  const third = await openRun({ catalog });
  children.push(third.runId);
  await third.close();
  await over;
  assert.equal(
    told.filter((what) => !String(what).startsWith("caught up")),
    [2, 3, `child of ${runId}`, 1, 2, `child of ${children[0]}`, 1, 2, "|"],
  );
  assert.is(told.filter((what) => String(what).startsWith("caught up")).length, 1);
  await reader.close();
});

test("is caught up in the last run that there is, and ends with one that was closed", async () => {
  const catalog = memoryCatalog();
  const runId = await leftRun(catalog, 2);
  await (await openRun({ catalog })).close();
  await (await openRun({ catalog })).close();
  for (const follow of [followed, pushed]) {
    const reader = await readRun({ catalog, runId });
    const { told, over } = follow(reader, { followChildren: true });
    await over;
    const expected = [1, 2, 1, 2, "caught up 2", "|"];
    assert.equal(
      told,
      follow === followed ? expected : expected.filter((what) => what !== "caught up 2"),
    );
  }
});

test("is caught up where the run is by then, not where it was when it was opened", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const reader = await readRun({ catalog });
  for (let item = 1; item <= 5; item += 1) await run.append(draftOf(item));
  const live = followed(reader);
  await reachedBy(live);
  await run.abandon();
  const child = await openRun({ catalog });
  await child.append(draftOf(1));
  const lineage = followed(reader, { followChildren: true });
  const stale = await readRun({ catalog });
  await child.append(draftOf(2));
  const inChild = followed(stale, { followChildren: true });
  await Promise.all([reachedBy(lineage), reachedBy(inChild)]);
  await child.close();
  await Promise.all([live.over, lineage.over, inChild.over]);
  const history = [1, 2, 3, 4, 5, 6];
  assert.equal(live.told.slice(0, 7), [...history, "caught up 6"]);
  assert.equal(lineage.told, [...history, 1, 2, 3, "caught up 3", 4, "|"]);
  assert.equal(inChild.told, [1, 2, 3, "caught up 3", 4, "|"]);
  await Promise.all([reader.close(), stale.close()]);
});

test("ends with a run that is quarantined, which nothing continues", async () => {
  const catalog = memoryCatalog();
  const runId = await leftRun(catalog, 2);
  const reader = await readRun({ catalog });
  const { told, over } = followed(reader, { followChildren: true });
  const lease = await catalog.acquire("default");
  const backend = await lease.recover(runId);
  await firstValueFrom(from(backend.seal("quarantined")));
  await over;
  assert.equal(told, [1, 2, "caught up 2", "|"]);
  assert.is(reader.manifest.status, "quarantined");
});

test("does not go on into a run that is not its child", async () => {
  const catalog = memoryCatalog();
  const first = await openRun({ catalog });
  await first.close();
  await (await openRun({ catalog })).close();
  const reader = await readRun({ catalog, runId: first.runId });
  const { told, over } = followed(reader, { followChildren: true });
  await over;
  assert.equal(told, [1, 2, "caught up 2", "|"]);
});

test("errors at once for all who wait when the reader is closed, in a child as well", async () => {
  const catalog = memoryCatalog();
  const runId = await leftRun(catalog, 2);
  const seeker = await readRun({ catalog, runId });
  const seeking = followed(seeker, { followChildren: true });
  await seeker.close();
  await seeking.over;
  assert.is(seeking.told.at(-1), "TIDEMARK_CLOSED");
  const run = await openRun({ catalog });
  const parent = await readRun({ catalog, runId });
  const reader = await readRun({ catalog });
  const waiting = [followed(reader), pushed(reader)];
  const inChild = new Promise<RunManifest>((resolve) => {
    waiting.push(followed(parent, { followChildren: true, onChild: resolve }));
  });
  assert.is((await inChild).runId, run.runId);
  const watermark = failureOf(lastValueFrom(reader.watermark$));
  await Promise.all([parent.close(), reader.close()]);
  await Promise.all(waiting.map(({ over }) => over));
  assert.equal(
    waiting.map(({ told }) => told.at(-1)),
    ["TIDEMARK_CLOSED", "TIDEMARK_CLOSED", "TIDEMARK_CLOSED"],
  );
  assert.is((await watermark).code, "TIDEMARK_CLOSED");
  await run.close();
});

for (const [what, query] of [
  ["without live", { followChildren: true }],
  ["with to", { followChildren: true, live: true, to: 5 }],
] as const) {
  test(`refuses followChildren ${what}`, async () => {
    const catalog = memoryCatalog();
    await leftRun(catalog, 1);
    const reader = await readRun({ catalog });
    for (const read of [() => reader.entries(query), () => reader.entries$(query)]) {
      assert.throws(read, (error: InvalidConfigError) => error.option === "followChildren");
    }
  });
}

for (const [option, query] of [
  ["followChildren", { live: true, followChildren: "yes" }],
  ["onCaughtUp", { live: true, onCaughtUp: 1 }],
  ["onChild", { live: true, followChildren: true, onChild: {} }],
  ["onChild", { live: true, onChild: () => {} }],
] as const) {
  test(`refuses ${JSON.stringify(query)} for its ${option}`, async () => {
    const catalog = memoryCatalog();
    await leftRun(catalog, 1);
    const reader = await readRun({ catalog });
    assert.throws(
      () => reader.entries(query as unknown as EntryQuery),
      (error: InvalidConfigError) => error.option === option,
    );
  });
}

test("refuses followChildren to who writes the run", async () => {
  const run = await openRun({ catalog: memoryCatalog() });
  assert.throws(
    () => run.entries({ live: true, followChildren: true }),
    (error: InvalidConfigError) => error.option === "followChildren",
  );
  await run.close();
});

test.run();
