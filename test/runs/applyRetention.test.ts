import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import { lmdbCatalog, readRun, verifyRun } from "../../src/index.ts";
import { DiskError, type InvalidConfigError } from "../../src/model/errors.ts";
import type { RunSummary } from "../../src/model/Run.ts";
import { applyRetention } from "../../src/runs/applyRetention.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { planRetention, type RetentionPlan } from "../../src/runs/planRetention.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { wrappedCatalog } from "./support/wrappedCatalog.ts";
import { PACKAGE_FLAGS } from "../support/nodeFlags.ts";

const test = suite("applyRetention");

/**
 * Four runs: the first has crashed and the second goes on from it, the third stands alone, and the
 * fourth has a snapshot.
 */
async function fourRuns(catalog: RunCatalog, instanceId = "default"): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const end of ["abandon", "close", "close", "close"] as const) {
    const run = await openRun({ catalog, instanceId });
    await run.append(draftOf(1));
    if (ids.length === 3) await run.recordSnapshotAnchor({ blobRef: "b", contentHash: "h" });
    await run[end]();
    ids.push(run.runId);
  }
  return ids;
}

function idsOf(runs: readonly RunSummary[]): readonly string[] {
  return runs.map(({ manifest }) => manifest.runId);
}

test("removes what the plan says, the newest first", async () => {
  const catalog = memoryCatalog();
  const [a, b, c, d] = await fourRuns(catalog);
  const plan = await planRetention({ catalog, mode: "snapshot-anchored" });
  const { removed, kept } = await applyRetention(plan);
  assert.equal(idsOf(removed), [c, b, a]);
  assert.equal(kept, []);
  assert.equal(idsOf(await catalog.list()), [d]);
  // The lease is free, and a plan that was carried out leaves nothing to do.
  await (await catalog.acquire("default")).release();
  assert.equal(await applyRetention(plan), { removed: [], kept: [] });
});

test("keeps a candidate that a run needs which came after the plan", async () => {
  const catalog = memoryCatalog();
  const [a, b, c] = await fourRuns(catalog);
  const plan = await planRetention({ catalog, mode: "snapshot-anchored" });
  const child = await openRun({ catalog, parentRunId: b as string });
  await child.close();
  const { removed, kept } = await applyRetention(plan);
  assert.equal(idsOf(removed), [c]);
  assert.equal(
    kept.map(({ run, reason }) => [run.manifest.runId, reason]),
    [
      [a, "parent"],
      [b, "parent"],
    ],
  );
});

test("removes nothing that is not in the plan, though it could go by now", async () => {
  const catalog = memoryCatalog();
  const [a, , , d] = await fourRuns(catalog);
  const plan = await planRetention({ catalog, mode: "bounded", keepLast: 1 });
  for (let count = 0; count < 2; count += 1) {
    const run = await openRun({ catalog });
    await run.recordSnapshotAnchor({ blobRef: "b", contentHash: "h" });
    await run.close();
  }
  await applyRetention(plan);
  const left = idsOf(await catalog.list());
  assert.is(left.length, 3);
  assert.ok(left.includes(d as string));
  assert.not(left.includes(a as string));
});

test("leaves an instance alone that somebody writes, and goes on with the others", async () => {
  const catalog = memoryCatalog();
  await fourRuns(catalog, "desk-1");
  await fourRuns(catalog, "desk-2");
  const live = await openRun({ catalog, instanceId: "desk-1" });
  const plan = await planRetention({ catalog, mode: "snapshot-anchored" });
  const { removed, kept } = await applyRetention(plan);
  assert.equal(
    removed.map(({ manifest }) => manifest.instanceId),
    ["desk-2", "desk-2", "desk-2"],
  );
  assert.equal(
    kept.map(({ run, reason }) => [run.manifest.instanceId, reason]),
    Array.from({ length: 3 }, () => ["desk-1", "locked"]),
  );
  await live.abandon();
});

test("tells what keeps a run from being removed, and gives the lease back", async () => {
  const catalog = memoryCatalog();
  const [, b, c] = await fourRuns(catalog);
  const failing = wrappedCatalog(catalog, {
    lease: (lease) => ({
      ...lease,
      remove: async (runId) => {
        if (runId === b) throw new DiskError("EIO", 5);
        await lease.remove(runId);
      },
    }),
  });
  const plan = await planRetention({ catalog: failing, mode: "snapshot-anchored" });
  const gone: RunSummary[] = [];
  const applied = applyRetention(plan, { onRemoved: (run) => gone.push(run) });
  assert.is((await failureOf(applied)).code, "TIDEMARK_DISK");
  assert.equal(idsOf(gone), [c]);
  assert.is((await catalog.list()).length, 3);
  await (await catalog.acquire("default")).release();
});

test("tells what is no plan, before anything goes", async () => {
  const catalog = memoryCatalog();
  await fourRuns(catalog);
  const plan = await planRetention({ catalog, mode: "snapshot-anchored" });
  const [run] = plan.reclaimCandidates;
  for (const [option, given] of [
    ["plan", undefined],
    ["plan.catalog", withoutClasses(plan)],
    ["plan.mode", { ...plan, mode: undefined }],
    ["mode", { ...plan, mode: { mode: "some" } }],
    ["plan.reclaimCandidates", { ...plan, reclaimCandidates: undefined }],
    ["plan.reclaimCandidates[0]", { ...plan, reclaimCandidates: ["a"] }],
    ["plan.reclaimCandidates[0].manifest", { ...plan, reclaimCandidates: [{}] }],
    ["runId", { ...plan, reclaimCandidates: [{ manifest: { ...run?.manifest, runId: "" } }] }],
  ] as const) {
    const failure = await failureOf(applyRetention(given as unknown as RetentionPlan));
    assert.is((failure as InvalidConfigError).option, option);
  }
  assert.is((await catalog.list()).length, 4);
  // With its catalog it is a plan again.
  assert.is((await applyRetention({ ...withoutClasses(plan), catalog })).removed.length, 3);
});

/** What is left of a plan that was stored as JSON. */
function withoutClasses(plan: RetentionPlan): RetentionPlan {
  const text = JSON.stringify(plan, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  return JSON.parse(text) as RetentionPlan;
}

let template: string;
let ids: readonly string[];
test.before(async () => {
  template = mkdtempSync(join(tmpdir(), "tidemark-retention-"));
  ids = await fourRuns(lmdbCatalog({ directory: template }));
});
test.after(() => {
  rmSync(template, { recursive: true });
});

/** Does something with a copy of four runs on the disk. */
async function withCopy(step: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-retention-"));
  try {
    cpSync(template, directory, { recursive: true });
    await step(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

for (const [moment, runsLeft] of [
  [1, 3],
  [2, 3],
  [4, 2],
] as const) {
  test(`leaves whole runs where it is killed at moment ${moment}, and is finished later`, () =>
    withCopy(async (directory) => {
      const program = "test/runs/programs/dieInRetention.ts";
      const args = [...PACKAGE_FLAGS, program, directory, String(moment)];
      const { signal, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
      assert.is(signal, "SIGKILL", stderr);
      const catalog = lmdbCatalog({ directory });
      // The second needs the first: it goes before it.
      const left = ids.filter((_, position) => position === 3 || position < runsLeft - 1);
      assert.equal(idsOf(await catalog.list()), left);
      for (const runId of left) assert.ok((await verifyRun({ directory, runId })).isClean, runId);
      await applyRetention(await planRetention({ directory, mode: "snapshot-anchored" }));
      await (await catalog.acquire("default")).release();
      assert.equal(readdirSync(join(directory, "default")), [ids[3]]);
    }));
}

test("lets who reads a run that goes read it to the end", () =>
  withCopy(async (directory) => {
    await using reader = await readRun({ directory, runId: ids[2] as string });
    const entries = reader.entries()[Symbol.asyncIterator]();
    assert.is((await entries.next()).value?.seq, 1);
    await applyRetention(await planRetention({ directory, mode: "snapshot-anchored" }));
    assert.is((await entries.next()).value?.seq, 2);
    assert.is((await entries.next()).value?.seq, 3);
    assert.is((await entries.next()).done, true);
    assert.is((await reader.entryAt(2))?.seq, 2);
    const again = await failureOf(readRun({ directory, runId: ids[2] as string }));
    assert.is(again.code, "TIDEMARK_NOT_FOUND");
  }));

test.run();
