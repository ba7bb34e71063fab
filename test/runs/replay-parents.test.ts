import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import type { ReplayError } from "../../src/model/errors.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { ServedLog } from "./support/ServedLog.ts";
import { add, ANCHOR, sum, summed } from "./support/summed.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("replay from the parents");

/** Runs that continue one another: each adds its number and is left as crashed. */
async function lineage(catalog: RunCatalog, anchorIn?: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [position, number] of [1, 20, 300].entries()) {
    const run = await openRun({ catalog });
    await add(run, number);
    if (position === anchorIn) await run.recordSnapshotAnchor(ANCHOR);
    await add(run, number);
    await run.abandon();
    ids.push(run.runId);
  }
  const last = await openRun({ catalog });
  await add(last, 4_000);
  await last.close();
  return ids;
}

test("goes through the parents, oldest first, where it is asked to", async () => {
  const catalog = memoryCatalog();
  const ids = await lineage(catalog);
  assert.is((await summed(catalog)).state, 4_000);
  const seen: number[] = [];
  const { state, parents, plan, applied } = await summed(catalog, {
    fromParents: { catalog },
    restoreSnapshot: () => {
      throw new Error("there is no snapshot");
    },
    reducers: { Add: (before, entry) => (seen.push(sum(0, entry)), sum(before, entry)) },
  });
  assert.is(state, 4_642);
  assert.is(applied, 7);
  assert.equal(seen, [1, 1, 20, 20, 300, 300, 4_000]);
  assert.equal(
    parents.map(({ runId, plan: { fromSeq, toSeq } }) => [runId, fromSeq, toSeq]),
    ids.map((runId) => [runId, 1, 3]),
  );
  assert.equal(plan.toSeq, 3);
});

test("begins with the newest snapshot of the parents", async () => {
  const catalog = memoryCatalog();
  const ids = await lineage(catalog, 1);
  const { state, parents } = await summed(catalog, {
    fromParents: { catalog },
    restoreSnapshot: ({ highWatermark }) => highWatermark * 100_000,
  });
  assert.is(state, 204_620);
  assert.equal(
    parents.map(({ runId, plan }) => [runId, plan.fromSeq]),
    [
      [ids[1], 3],
      [ids[2], 1],
    ],
  );
});

test("does not need a parent from before the snapshot, and misses one that it needs", async () => {
  const catalog = memoryCatalog();
  const [first, second] = await lineage(catalog, 1);
  const lease = await catalog.acquire("default");
  await lease.remove(first as string);
  const options = { fromParents: { catalog }, restoreSnapshot: () => 0 };
  assert.is((await summed(catalog, options)).applied, 4);
  assert.is(
    (await failureOf(summed(catalog, { fromParents: { catalog } }))).code,
    "TIDEMARK_NOT_FOUND",
  );
  await lease.remove(second as string);
  assert.is((await failureOf(summed(catalog, options))).code, "TIDEMARK_NOT_FOUND");
});

test("names the run in which a parent's entry could not be applied", async () => {
  const catalog = memoryCatalog();
  const ids = await lineage(catalog);
  const failure = await failureOf(
    summed(catalog, {
      fromParents: { catalog },
      reducers: {
        Add: (state, entry) => {
          if (sum(0, entry) === 20) throw new Error("boom");
          return state;
        },
      },
    }),
  );
  const { runId, seq } = failure as ReplayError;
  assert.equal([runId, seq], [ids[1], 2]);
});

test("comes to an end where runs continue each other", async () => {
  const catalog = memoryCatalog();
  const [first] = await lineage(catalog);
  const circular = wrappedCatalog(catalog, {
    read: (log) =>
      log.manifest.runId === first ? new ServedLog(log, { manifest: { parentRunId: first } }) : log,
  });
  const failure = await failureOf(summed(catalog, { fromParents: { catalog: circular } }));
  assert.is(failure.code, "TIDEMARK_CORRUPTED");
});

test.run();
