import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunLog } from "../../src/backends/Backend.ts";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import { CorruptedError, DiskError, type InvalidConfigError } from "../../src/model/errors.ts";
import type { RunSummary } from "../../src/model/Run.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { planRetention, type RetentionOptions } from "../../src/runs/planRetention.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { flipped, rowsOf, ServedLog, type Row } from "./support/ServedLog.ts";
import { overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("planRetention");

/** A run that was closed, with or without a snapshot. */
async function closedRun(
  catalog: RunCatalog,
  snapshot: "anchored" | "bare",
  instanceId = "default",
): Promise<string> {
  const run = await openRun({ catalog, instanceId });
  await run.append(draftOf(1));
  if (snapshot === "anchored") await run.recordSnapshotAnchor({ blobRef: "b", contentHash: "h" });
  await run.close();
  return run.runId;
}

function idsOf(runs: readonly RunSummary[]): readonly string[] {
  return runs.map(({ manifest }) => manifest.runId);
}

test("plans instance by instance, and changes nothing", async () => {
  const catalog = memoryCatalog();
  const old = await closedRun(catalog, "anchored", "desk-1");
  const other = await closedRun(catalog, "bare", "desk-2");
  const good = await closedRun(catalog, "anchored", "desk-1");
  const plan = await planRetention({ catalog, mode: "bounded", keepLast: 0 });
  assert.equal(idsOf(plan.reclaimCandidates), [old]);
  assert.equal(idsOf(plan.sealedRuns), [old, other, good]);
  assert.equal(
    plan.kept.map(({ run, reason }) => [run.manifest.runId, reason]),
    [
      [other, "no-restore-point"],
      [good, "restore-point"],
    ],
  );
  assert.is((await catalog.list()).length, 3);
  const one = await planRetention({ catalog, instanceId: "desk-2", mode: "snapshot-anchored" });
  assert.equal([idsOf(one.sealedRuns), one.reclaimCandidates], [[other], []]);
});

test("never takes a run that is written or has crashed", async () => {
  const catalog = memoryCatalog();
  await closedRun(catalog, "bare");
  await closedRun(catalog, "anchored");
  const live = await openRun({ catalog });
  const plan = await planRetention({ catalog, mode: "bounded", keepLast: 0 });
  assert.is(plan.reclaimCandidates.length, 1);
  assert.is(plan.kept.at(-1)?.run.manifest.runId, live.runId);
  assert.not(idsOf(plan.sealedRuns).includes(live.runId));
  await live.abandon();
});

/** What may go of a bare run and a later one with a snapshot, whose log is another. */
async function candidatesWith(read: (log: RunLog) => RunLog): Promise<number> {
  const catalog = memoryCatalog();
  await closedRun(catalog, "bare");
  const good = await closedRun(catalog, "anchored");
  const damaged = wrappedCatalog(catalog, {
    read: (log) => (log.manifest.runId === good ? read(log) : log),
  });
  const plan = await planRetention({ catalog: damaged, mode: "snapshot-anchored" });
  return plan.reclaimCandidates.length;
}

function unreadable(log: RunLog): RunLog {
  return overridden(log, {
    latestSnapshotAnchor: () => {
      throw new CorruptedError("damaged");
    },
  });
}

function unopened(): RunLog {
  throw new CorruptedError("data.mdb is damaged");
}

/** One byte of a row is another. */
function withFlipped(log: RunLog, position: number): RunLog {
  const rows = rowsOf(log);
  const row = rows.at(position) as Row;
  return new ServedLog(log, { rows: rows.with(position, flipped(row, -1)) });
}

test("relies on no snapshot that it cannot be sure of", async () => {
  assert.is(await candidatesWith((log) => log), 1);
  const anchor = { highWatermark: 99, blobRef: "b", contentHash: "h" };
  assert.is(await candidatesWith((log) => new ServedLog(log, { anchor })), 0);
  assert.is(await candidatesWith(unreadable), 0);
  assert.is(await candidatesWith((log) => new ServedLog(log, { watermark: 1 })), 0);
  assert.is(await candidatesWith(unopened), 0);
  // RunEnded is all that a restore reads, before it nothing.
  assert.is(await candidatesWith((log) => withFlipped(log, -1)), 0);
  assert.is(await candidatesWith((log) => withFlipped(log, 0)), 1);
  assert.is(
    await candidatesWith((log) => new ServedLog(log, { rows: rowsOf(log).slice(0, -1) })),
    0,
  );
});

test("rejects with what keeps it from looking", async () => {
  const failure = await failureOf(
    candidatesWith(() => {
      throw new DiskError("EIO", 5);
    }),
  );
  assert.is(failure.code, "TIDEMARK_DISK");
});

test("tells options that are none", async () => {
  const catalog = memoryCatalog();
  for (const [option, options] of [
    ["mode", { mode: "all" }],
    ["mode", {}],
    ["keepLast", { mode: "bounded" }],
    ["keepLast", { mode: "bounded", keepLast: -1 }],
    ["keepLast", { mode: "bounded", keepLast: 1.5 }],
    ["instanceId", { mode: "full", instanceId: "../x" }],
  ] as const) {
    const failure = await failureOf(planRetention({ catalog, ...options } as RetentionOptions));
    assert.is((failure as InvalidConfigError).option, option);
  }
  const failure = await failureOf(planRetention(undefined as unknown as RetentionOptions));
  assert.is((failure as InvalidConfigError).option, "options");
});

test.run();
