import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { readRun } from "../../src/runs/readRun.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";

const test = suite("iterating");

/** Lets so many steps of promises go by. */
async function afterTicks(ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
}

test("ends at once when it is returned while it waits for the next entry", async () => {
  const run = memoryRun();
  const iterator = run.entries({ live: true })[Symbol.asyncIterator]();
  const waiting = iterator.next();
  assert.equal(await iterator.return?.(), { done: true, value: undefined });
  assert.equal(await waiting, { done: true, value: undefined });
  await run.append(draftOf(1));
  assert.equal(await iterator.next(), { done: true, value: undefined });
  await run.close();
});

test("answers in order however many are asked at once", async () => {
  const run = memoryRun();
  for (const item of [1, 2, 3]) await run.append(draftOf(item));
  const iterator = run.entries()[Symbol.asyncIterator]();
  const answers = await Promise.all([1, 2, 3, 4].map(() => iterator.next()));
  assert.equal(
    answers.map(({ value, done }) => (done === true ? "end" : value.seq)),
    [1, 2, 3, "end"],
  );
});

test("gives nothing more of a page that is on its way when it is returned", async () => {
  const run = memoryRun();
  for (const item of [1, 2, 3]) await run.append(draftOf(item));
  for (let ticks = 0; ticks < 8; ticks += 1) {
    const iterator = run.entries()[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await afterTicks(ticks);
    await iterator.return?.();
    // It may have been answered, and not heard of it.
    assert.is((await waiting).value?.seq ?? 1, 1, `after ${ticks} ticks`);
    assert.is((await iterator.next()).done, true, `after ${ticks} ticks`);
  }
});

test("answers one that asks again before the other has heard in order, too", async () => {
  const run = memoryRun();
  for (const item of [1, 2, 3, 4]) await run.append(draftOf(item));
  for (let ticks = 0; ticks < 8; ticks += 1) {
    const iterator = run.entries()[Symbol.asyncIterator]();
    const heard: (number | undefined)[] = [];
    const ask = async (): Promise<void> => {
      const { value } = await iterator.next();
      heard.push(value?.seq);
    };
    const [first, second] = [ask(), ask()];
    await first;
    await afterTicks(ticks);
    await Promise.all([ask(), second]);
    assert.equal(heard, [1, 2, 3], `after ${ticks} ticks`);
  }
});

test("plans a replay by an anchor that is newer than the reader's view", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  const reader = await readRun({ catalog });
  await run.append(draftOf(1));
  await run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
  const plan = await reader.snapshotReplayPlan();
  assert.equal([plan.fromSeq, plan.toSeq, plan.isEmpty], [3, 2, true]);
  await run.close();
});

test.run();
