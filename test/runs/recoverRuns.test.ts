import { throwError } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunCatalog } from "../../src/backends/RunCatalog.ts";
import { DiskError, type LockedError } from "../../src/model/errors.ts";
import { openRun } from "../../src/runs/openRun.ts";
import { recoverRuns } from "../../src/runs/recoverRuns.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { overridden, wrappedCatalog } from "./support/wrappedCatalog.ts";

const test = suite("recoverRuns");

/** Leaves a run of two entries behind. */
async function leave(catalog: RunCatalog, instanceId: string): Promise<string> {
  const run = await openRun({ catalog, instanceId });
  await run.append(draftOf(1));
  await run.abandon();
  return run.runId;
}

/** What is sealed where, of all instances. */
async function statusesIn(catalog: RunCatalog): Promise<Record<string, string>> {
  const runs = await catalog.list();
  return Object.fromEntries(runs.map(({ manifest }) => [manifest.runId, manifest.status]));
}

test("seals what crashed in every instance, and gives the manifests", async () => {
  const catalog = memoryCatalog();
  const ids = [await leave(catalog, "b"), await leave(catalog, "a")];
  const closed = await openRun({ catalog, instanceId: "c" });
  await closed.close();
  const sealed = await recoverRuns({ catalog });
  assert.equal(
    sealed.map(({ runId, status, highWatermark }) => [runId, status, highWatermark]),
    ids.map((runId) => [runId, "crashed-recovered", 2]),
  );
  assert.equal(await recoverRuns({ catalog }), []);
  // The leases are free again.
  for (const instanceId of ["a", "b"]) {
    const run = await openRun({ catalog, instanceId });
    assert.equal(run.recovered, []);
    await run.close();
  }
});

test("keeps to the instance that is named", async () => {
  const catalog = memoryCatalog();
  const [a, b] = [await leave(catalog, "a"), await leave(catalog, "b")];
  const sealed = await recoverRuns({ catalog, instanceId: "b" });
  assert.equal(
    sealed.map(({ runId }) => runId),
    [b],
  );
  assert.equal(await statusesIn(catalog), { [a]: "running", [b]: "crashed-recovered" });
});

test("leaves alone what somebody writes, and goes on", async () => {
  const catalog = memoryCatalog();
  const live = await openRun({ catalog, instanceId: "a" });
  const left = await leave(catalog, "b");
  const locked: unknown[] = [];
  const onLocked = (instanceId: string, { holder }: LockedError): void => {
    locked.push([instanceId, holder]);
  };
  assert.equal(
    (await recoverRuns({ catalog, onLocked })).map(({ runId }) => runId),
    [left],
  );
  assert.equal(locked, [["a", `pid ${process.pid}`]]);
  assert.equal(await recoverRuns({ catalog, instanceId: "a" }), []);
  await live.close();
  assert.is(live.manifest.status, "ended");
});

test("makes nothing where there is nothing", async () => {
  const asked: string[] = [];
  const catalog = memoryCatalog();
  const watching: RunCatalog = {
    ...wrappedCatalog(catalog, {}),
    acquire: (instanceId) => {
      asked.push(instanceId);
      return catalog.acquire(instanceId);
    },
  };
  assert.equal(await recoverRuns({ catalog: watching, instanceId: "none" }), []);
  assert.equal(await recoverRuns({ catalog: watching }), []);
  assert.equal(asked, []);
});

test("rejects with what the disk says, gives the lease back, and keeps what is sealed", async () => {
  const catalog = memoryCatalog();
  const [a, b] = [await leave(catalog, "a"), await leave(catalog, "b")];
  const failing = wrappedCatalog(catalog, {
    recover: (backend) =>
      backend.manifest.instanceId === "a"
        ? backend
        : overridden(backend, { framesFrom: () => throwError(() => new DiskError("full", 28)) }),
  });
  const failure = await failureOf(recoverRuns({ catalog: failing }));
  assert.equal([failure.code, (failure as DiskError).errno], ["TIDEMARK_DISK", 28]);
  assert.equal(await statusesIn(catalog), { [a]: "crashed-recovered", [b]: "running" });
  assert.is((await recoverRuns({ catalog })).length, 1);
});

test("tells how far it is, page by page", async () => {
  const catalog = memoryCatalog();
  const run = await openRun({ catalog });
  for (let item = 0; item < 3; item += 1) {
    await run.append({ topic: "t", payloadType: "T", payload: new Uint8Array(700_000) });
  }
  await run.abandon();
  const told: unknown[] = [];
  await recoverRuns({
    catalog,
    onProgress: ({ runId }, seq, highWatermark) => told.push([runId, seq, highWatermark]),
  });
  assert.equal(told, [
    [run.runId, 3, 4],
    [run.runId, 4, 4],
  ]);
});

test("rejects an address that is none", async () => {
  const catalog = memoryCatalog();
  for (const options of [{}, { catalog, directory: "x" }, { catalog, instanceId: "../x" }]) {
    assert.is((await failureOf(recoverRuns(options))).code, "TIDEMARK_INVALID_CONFIG");
  }
});

test.run();
