import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunStatus } from "../../src/model/manifest.ts";
import type { RunSummary } from "../../src/model/Run.ts";
import { sequelOf } from "../../src/runs/sequelOf.ts";
import { manifestOf } from "../backends/lmdb/sampleFrames.ts";

const test = suite("sequelOf");

interface Row {
  readonly start: bigint;
  readonly status?: RunStatus;
  readonly parent?: bigint;
  readonly watermark?: number;
}

function idOf(start: bigint): string {
  return manifestOf(start).runId;
}

function runsOf(...rows: readonly Row[]): RunSummary[] {
  return rows.map(({ start, status = "running", parent, watermark = 5 }) => ({
    manifest: {
      ...manifestOf(start),
      status,
      highWatermark: watermark,
      ...(parent === undefined ? {} : { parentRunId: idOf(parent) }),
    },
    watermark,
    sizeBytes: 1,
    isLive: false,
  }));
}

/** What comes after run 2: the id of a child, or whether one may yet come. */
function after2(...rows: readonly Row[]): string | boolean {
  const sequel = sequelOf(runsOf(...rows), idOf(2n));
  return "child" in sequel ? sequel.child.runId : sequel.mayCome;
}

test("is the run whose parent a run is, and the oldest of several", () => {
  const rows: Row[] = [
    { start: 1n, status: "ended" },
    { start: 2n, status: "ended" },
    { start: 4n, parent: 2n },
    { start: 3n, parent: 2n },
  ];
  assert.is(after2(...rows), idOf(3n));
});

for (const [status, mayCome] of [
  ["running", true],
  ["crashed-recovered", true],
  ["ended", false],
  ["quarantined", false],
] as const) {
  test(`${mayCome ? "may yet come" : "does not come"} after a run that is ${status}`, () => {
    assert.is(after2({ start: 1n }, { start: 2n, status }), mayCome);
    // Whoever opened a newer run has gone on without it.
    assert.is(after2({ start: 2n, status }, { start: 3n }), false);
  });
}

test("of an empty run that crashed is what continues its own parent", () => {
  const empty: Row = { start: 2n, status: "crashed-recovered", parent: 1n, watermark: 0 };
  assert.is(after2(empty, { start: 3n, parent: 1n }), idOf(3n));
  assert.is(after2({ ...empty, watermark: 1 }, { start: 3n, parent: 1n }), false);
  assert.is(after2(empty), true);
  const orphan: Row = { start: 2n, status: "crashed-recovered", watermark: 0 };
  assert.is(after2(orphan, { start: 3n }), false);
});

test("of a run that is gone is not told", () => {
  let code: unknown;
  try {
    sequelOf(runsOf({ start: 1n }), idOf(2n));
  } catch (error) {
    ({ code } = error as { code: string });
  }
  assert.is(code, "TIDEMARK_NOT_FOUND");
});

test.run();
