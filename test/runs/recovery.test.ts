import { throwError } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { DiskError } from "../../src/model/errors.ts";
import type { RunManifest } from "../../src/model/manifest.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { flipped, rowsOf, ServedLog, type Row } from "./support/ServedLog.ts";
import { faultyCatalog, overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("recovery");

/** What the next open found and sealed. */
async function recoveredBy(catalog: RunCatalog): Promise<readonly RunManifest[]> {
  const run = await openRun({ catalog });
  await run.close();
  return run.recovered;
}

/** Leaves a run of some entries behind, each in a frame of its own. */
async function leave(catalog: RunCatalog, entries: number): Promise<string> {
  const run = await openRun({ catalog });
  for (let item = 0; item < entries; item += 1) {
    await run.append({ ...draftOf(item), tsInit: BigInt(10 - item) });
  }
  await run.abandon();
  return run.runId;
}

/** A catalog whose unsealed runs hold other rows than were written. */
function tampered(
  catalog: RunCatalog,
  tamper: (rows: readonly Row[]) => readonly Row[],
): RunCatalog {
  return wrappedCatalog(catalog, {
    recover: (backend) => {
      const served = new ServedLog(backend, { rows: tamper(rowsOf(backend)) });
      return overridden(backend, {
        framesFrom: served.framesFrom.bind(served),
      });
    },
  });
}

test("seals a run that nobody closed as crashed-recovered, with what is in it", async () => {
  const catalog = memoryCatalog();
  const runId = await leave(catalog, 3);
  const [manifest, ...rest] = await recoveredBy(catalog);
  assert.equal(rest, []);
  assert.is(manifest?.runId, runId);
  assert.is(manifest?.status, "crashed-recovered");
  assert.is(manifest?.highWatermark, 4);
  // The start of the run is the largest of them all.
  assert.is(manifest?.endTsInit, manifest && (await catalog.list())[0]?.manifest.endTsInit);
  assert.is((await verifyRun({ catalog, runId })).isClean, true);
});

test("seals a run that only lacked its seal as ended", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog: faultyCatalog(catalog, [{ on: "seal", fail: "disk" }]) });
  await run.append(draftOf(1));
  assert.is((await failureOf(run.close())).code, "TIDEMARK_HALTED");
  // The process that halted keeps the instance; in another one, it is free.
  const lease = await freed(catalog);
  const recovered = await recoveredBy(lease);
  assert.equal(
    recovered.map(({ status, highWatermark }) => [status, highWatermark]),
    [["ended", 3]],
  );
  const next = await openRun({ catalog: lease });
  assert.is(next.manifest.parentRunId, undefined);
});

test("seals an empty run as crashed-recovered, without an end", async () => {
  const catalog = memoryCatalog();
  await failureOf(openRun({ catalog: faultyCatalog(catalog, [{ at: 1, fail: "error" }]) }));
  const [manifest] = await recoveredBy(catalog);
  assert.equal([manifest?.status, manifest?.highWatermark], ["crashed-recovered", 0]);
  assert.is(manifest !== undefined && "endTsInit" in manifest, false);
});

test("does not take a caller's entry for the end of a run", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  await run.append({ topic: "mine", payloadType: "RunEnded", payload: "" });
  await run.abandon();
  const [manifest] = await recoveredBy(catalog);
  assert.is(manifest?.status, "crashed-recovered");
});

test("finds all unsealed runs, oldest first, and each once", async () => {
  const catalog = memoryCatalog();
  for (let left = 0; left < 3; left += 1) {
    await failureOf(
      openRun({
        catalog: faultyCatalog(catalog, [
          { on: "seal", fail: "error" },
          { at: 1, fail: "error" },
        ]),
      }),
    );
    const unsealed = (await catalog.list()).filter(({ manifest }) => manifest.status === "running");
    assert.is(unsealed.length, 1);
  }
  const run = await openRun({ catalog });
  assert.is(run.recovered.length, 1);
  await run.close();
  assert.equal((await openRun({ catalog })).recovered, []);
});

test("lists the runs it recovered in the manifest order of their starts", async () => {
  const catalog = memoryCatalog();
  const lease = await catalog.acquire("default");
  for (const startTsInit of [3_000n, 1_000n, 2_000n]) {
    await lease.create({
      formatVersion: 1,
      runId: `${startTsInit}-00000001`,
      instanceId: "default",
      identity: {},
      startTsInit,
      highWatermark: 0,
      status: "running",
    });
  }
  await lease.release();
  assert.equal(
    (await recoveredBy(catalog)).map(({ startTsInit }) => startTsInit),
    [1_000n, 2_000n, 3_000n],
  );
});

const DAMAGES: readonly (readonly [string, (rows: readonly Row[]) => readonly Row[]])[] = [
  [
    "a flipped bit in a digest",
    (rows) => rows.map((row, at) => (at === 1 ? flipped(row, -1) : row)),
  ],
  [
    "a flipped bit in an entry",
    (rows) => rows.map((row, at) => (at === 1 ? flipped(row, -40) : row)),
  ],
  [
    "a flipped bit in the magic",
    (rows) => rows.map((row, at) => (at === 1 ? flipped(row, layout.AT_MAGIC) : row)),
  ],
  [
    "a flipped bit in the version",
    (rows) => rows.map((row, at) => (at === 1 ? flipped(row, layout.AT_VERSION) : row)),
  ],
  ["a missing frame", (rows) => rows.toSpliced(1, 1)],
  ["a missing end", (rows) => rows.slice(0, -1)],
  ["nothing at all", () => []],
  [
    "two frames that changed places",
    ([first, second, third, ...rest]) => [
      first as Row,
      { ...(second as Row), bytes: (third as Row).bytes },
      { ...(third as Row), bytes: (second as Row).bytes },
      ...rest,
    ],
  ],
];

for (const [title, tamper] of DAMAGES) {
  test(`quarantines a run with ${title}, and opens a new one`, async () => {
    const catalog = memoryCatalog();
    const runId = await leave(catalog, 3);
    const run = await openRun({ catalog: tampered(catalog, tamper) });
    assert.equal(
      run.recovered.map((manifest) => [manifest.runId, manifest.status]),
      [[runId, "quarantined"]],
    );
    assert.is(run.watermark, 1);
  });
}

test("rejects, and lets go, when a predecessor cannot be read for another reason", async () => {
  const catalog = memoryCatalog();
  await leave(catalog, 1);
  const failing = wrappedCatalog(catalog, {
    recover: (backend) =>
      overridden(backend, {
        framesFrom: () => throwError(() => new DiskError("read failed", 5)),
      }),
  });
  assert.is((await failureOf(openRun({ catalog: failing }))).code, "TIDEMARK_DISK");
  // Nothing was judged.
  assert.is((await catalog.list())[0]?.manifest.status, "running");
  assert.equal(
    (await recoveredBy(catalog)).map(({ status }) => status),
    ["crashed-recovered"],
  );
});

test("closes what it recovered, also where judging failed", async () => {
  const catalog = memoryCatalog();
  await leave(catalog, 1);
  const closed: string[] = [];
  const watching = wrappedCatalog(catalog, {
    recover: (backend) =>
      overridden(backend, {
        seal: () => throwError(() => new DiskError("full", 28)),
        close: () => {
          closed.push("closed");
          return backend.close();
        },
      }),
  });
  assert.is((await failureOf(openRun({ catalog: watching }))).code, "TIDEMARK_DISK");
  assert.equal(closed, ["closed"]);
});

test("fences the writer that left the run behind", async () => {
  const catalog = memoryCatalog();
  const lease = await catalog.acquire("default");
  const zombie = await lease.create({
    formatVersion: 1,
    runId: "1-00000001",
    instanceId: "default",
    identity: {},
    startTsInit: 1n,
    highWatermark: 0,
    status: "running",
  });
  await lease.release();
  const run = await openRun({ catalog });
  assert.is(run.recovered.length, 1);
  let code: unknown;
  const late = zombie.recordSnapshotAnchor({ highWatermark: 0, blobRef: "b", contentHash: "c" });
  if ("subscribe" in late) {
    (late as { subscribe: (observer: object) => void }).subscribe({
      error: (failure: { code: string }) => (code = failure.code),
    });
  }
  assert.is(code, "TIDEMARK_FENCED");
});

/** The same runs, as another process finds them after the one that holds them has ended. */
async function freed(catalog: RunCatalog): Promise<RunCatalog> {
  const fresh = memoryCatalog();
  const lease = await fresh.acquire("default");
  for (const { manifest } of await catalog.list()) {
    const backend = await lease.create(manifest);
    const log = await catalog.read(manifest.instanceId, manifest.runId);
    for (const { fromSeq, toSeq, bytes } of rowsOf(log)) {
      const appended = backend.append([{ fromSeq, toSeq, bytes, indexRows: [] }]);
      assert.ok("subscribe" in appended);
    }
  }
  await lease.release();
  return fresh;
}

test.run();
