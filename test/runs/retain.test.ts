import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunStatus } from "../../src/model/manifest.ts";
import type { RunSummary } from "../../src/model/Run.ts";
import { retain, type RetentionMode } from "../../src/runs/retain.ts";

const test = suite("retain");

interface Given {
  readonly id: string;
  readonly status?: RunStatus;
  readonly parent?: string;
  /** It is sound and has a snapshot. */
  readonly good?: boolean;
  readonly problem?: string;
}

function summaryOf({ id, status = "ended", parent, problem }: Given, start: number): RunSummary {
  return {
    manifest: {
      formatVersion: 1,
      runId: id,
      instanceId: "default",
      identity: {},
      startTsInit: BigInt(start),
      highWatermark: 0,
      status,
      ...(parent === undefined ? {} : { parentRunId: parent }),
    },
    watermark: 0,
    sizeBytes: 1,
    isLive: false,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** What goes, and why the others stay, as `id: reason`. */
async function retained(
  mode: RetentionMode,
  ...given: readonly Given[]
): Promise<{ readonly gone: readonly string[]; readonly kept: readonly string[] }> {
  const good = new Set(given.filter((run) => run.good === true).map(({ id }) => id));
  const { kept, candidates } = await retain(given.map(summaryOf), mode, async ({ manifest }) =>
    good.has(manifest.runId),
  );
  return {
    gone: candidates.map(({ manifest }) => manifest.runId),
    kept: kept.map(({ run, reason }) => `${run.manifest.runId}: ${reason}`),
  };
}

const ANCHORED: RetentionMode = { mode: "snapshot-anchored" };

function last(keepLast: number): RetentionMode {
  return { mode: "bounded", keepLast };
}

test("keeps everything in full", async () => {
  const { gone, kept } = await retained({ mode: "full" }, { id: "a", good: true }, { id: "b" });
  assert.equal(gone, []);
  assert.equal(kept, ["a: full", "b: full"]);
});

test("keeps the newest and the restore point", async () => {
  const runs: Given[] = [
    { id: "a", good: true },
    { id: "b", good: true },
    { id: "c" },
    { id: "d" },
  ];
  assert.equal(await retained(last(1), ...runs), {
    gone: ["a", "c"],
    kept: ["b: restore-point", "d: newest"],
  });
  assert.equal((await retained(last(0), ...runs)).gone, ["a", "c", "d"]);
  assert.equal((await retained(last(9), ...runs)).gone, []);
});

test("counts a quarantined run among the newest, and lets it go like any other", async () => {
  const good: Given[] = [
    { id: "old", good: true },
    { id: "good", good: true },
  ];
  assert.equal((await retained(last(1), ...good, { id: "bad", status: "quarantined" })).kept, [
    "good: restore-point",
    "bad: newest",
  ]);
  const bad: Given = { id: "bad", status: "quarantined" };
  assert.equal((await retained(last(1), bad, ...good)).gone, ["bad", "old"]);
});

test("lets nothing go without a restore point", async () => {
  for (const mode of [last(0), ANCHORED]) {
    const { gone, kept } = await retained(mode, { id: "a" }, { id: "b", status: "quarantined" });
    assert.equal(gone, []);
    assert.equal(kept, ["a: no-restore-point", "b: no-restore-point"]);
  }
});

test("keeps the newest restore point and what came after it", async () => {
  const runs: Given[] = [
    { id: "a", good: true },
    { id: "b" },
    { id: "c", good: true },
    { id: "d" },
  ];
  assert.equal(await retained(ANCHORED, ...runs), {
    gone: ["a", "b"],
    kept: ["c: restore-point", "d: after-restore-point"],
  });
});

test("never lets a run go that is not sealed, or has a problem", async () => {
  const { gone, kept } = await retained(
    last(0),
    { id: "a", status: "running" },
    { id: "b", problem: "unreadable" },
    { id: "c" },
    { id: "d", good: true },
  );
  assert.equal(gone, ["c"]);
  assert.equal(kept, ["a: unsealed", "b: problem", "d: restore-point"]);
});

test("keeps the newest run of all where any has crashed: the next one looks at it", async () => {
  const good: Given[] = [{ id: "a" }, { id: "b", good: true }];
  const crashed: Given = { id: "c", status: "crashed-recovered" };
  assert.equal(await retained(last(0), ...good, crashed), {
    gone: ["a"],
    kept: ["b: restore-point", "c: newest"],
  });
  // Without the last, the next run would continue the one before.
  assert.equal(await retained(last(0), ...good, crashed, { id: "d" }), {
    gone: ["a", "c"],
    kept: ["b: restore-point", "d: newest"],
  });
  // What it meant to continue is handed on.
  assert.equal((await retained(last(0), ...good, { ...crashed, parent: "a" })).gone, []);
});

test("keeps the run before one that does not tell what it continues", async () => {
  const { gone, kept } = await retained(
    last(0),
    { id: "a" },
    { id: "b" },
    { id: "c", status: "running", problem: "manifest.json is damaged" },
    { id: "d", good: true },
  );
  assert.equal(gone, ["a"]);
  assert.equal(kept, ["b: parent", "c: unsealed", "d: restore-point"]);
});

test("keeps what a run that stays is replayed from, back to a snapshot", async () => {
  const { gone, kept } = await retained(
    last(1),
    { id: "a" },
    { id: "b", good: true, parent: "a" },
    { id: "c", parent: "b" },
    { id: "d" },
    { id: "e", good: true },
    { id: "f", parent: "c" },
  );
  assert.equal(gone, ["a", "d"]);
  assert.equal(kept, ["b: parent", "c: parent", "e: restore-point", "f: newest"]);
});

test("does not rely on the snapshot of a run that is not sealed", async () => {
  const { gone } = await retained(
    ANCHORED,
    { id: "a" },
    { id: "b" },
    { id: "c", good: true },
    { id: "d", parent: "b", status: "running", good: true },
  );
  assert.equal(gone, ["a"]);
});

test("comes to an end where runs continue each other, or one that is gone", async () => {
  const { gone } = await retained(
    last(1),
    { id: "x" },
    { id: "a", parent: "b" },
    { id: "b", parent: "a" },
    { id: "good", good: true, parent: "lost" },
    { id: "c", parent: "a" },
  );
  assert.equal(gone, ["x"]);
});

test.run();
