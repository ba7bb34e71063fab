import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { RunLog } from "../../backends/Backend.ts";
import type { RunManifest } from "../../model/manifest.ts";
import { TidemarkError } from "../../model/errors.ts";
import { refuses, settle } from "./answers.ts";
import { append, checkHolds } from "./frames.ts";
import type { Laws } from "./Laws.ts";
import { manifestOf, type LawScope } from "./LawScope.ts";

const FULL_MANIFEST: Partial<RunManifest> = {
  runId: "1790000000000000001-0badcafe",
  parentRunId: "1780000000000000000-00000007",
  startTsInit: 1_790_000_000_000_000_001n,
  identity: {
    binaryHash: "sha256:00ff",
    configHash: "blake3:Größe",
    schemaVersion: 7,
    seed: 2n ** 63n + 1n,
    featureFlags: ["b", "a", "b"],
    adapterVersions: { BINANCE: "1.2.3", "IB/TWS": "10.19" },
    components: {
      actors: { "Actor-1": "h1" },
      strategies: { "EMA-🚀": "" },
      algorithms: {},
      subscriptions: ["quotes.*"],
      endpoints: [],
    },
  },
};

async function listed(scope: LawScope, instanceId?: string): Promise<readonly string[]> {
  const summaries = await scope.catalog.list(instanceId);
  return summaries.map(({ manifest }) => `${manifest.instanceId}/${manifest.runId}`);
}

/** Makes a run and ends it. */
async function sealedRun(scope: LawScope, manifest: Partial<RunManifest>): Promise<RunLog> {
  const lease = await scope.acquire(manifest.instanceId);
  const backend = await scope.create(lease, manifest);
  await append(backend, 2);
  await settle(backend.seal("ended"));
  await settle(backend.close());
  await lease.release();
  return backend;
}

/** What holds of a catalog's runs. */
export const catalogLaws: Laws = {
  "is empty at first": async (scope) => {
    deepStrictEqual(await listed(scope), []);
    deepStrictEqual(await listed(scope, "desk-1"), []);
  },

  "gives a manifest back as it was": async (scope) => {
    const backend = await scope.open(FULL_MANIFEST);
    const manifest = manifestOf(FULL_MANIFEST);
    deepStrictEqual(backend.manifest, manifest);
    deepStrictEqual((await scope.read(backend)).manifest, manifest);
    const [summary] = await scope.catalog.list();
    deepStrictEqual(summary?.manifest, manifest);
  },

  "starts every run running and empty": async (scope) => {
    const backend = await scope.open({ status: "ended", highWatermark: 7, endTsInit: 3n });
    deepStrictEqual(backend.manifest, manifestOf());
    strictEqual(backend.watermark, 0);
    deepStrictEqual((await scope.read(backend)).manifest, manifestOf());
  },

  "makes no run twice": async (scope) => {
    const lease = await scope.acquire();
    const backend = await scope.create(lease);
    await append(backend, 2);
    await refuses(lease.create(backend.manifest), "TIDEMARK_INVALID_CONFIG", { option: "runId" });
    await append(backend, 1);
    await checkHolds(await scope.read(backend), 3);
  },

  "makes a run of the lease's instance alone": async (scope) => {
    const lease = await scope.acquire("desk-1");
    const answer = lease.create(manifestOf({ instanceId: "desk-2" }));
    await refuses(answer, "TIDEMARK_INVALID_CONFIG", { option: "instanceId" });
    deepStrictEqual(await listed(scope), []);
  },

  "lists runs oldest first, of one instance or of all": async (scope) => {
    for (const [instanceId, startTsInit] of [
      ["desk-2", 3_000n],
      ["desk-1", 4_000n],
      ["desk-1", 2_000n],
      ["desk-2", 1_000n],
    ] as const) {
      await sealedRun(scope, { instanceId, startTsInit });
    }
    const all = [
      "desk-2/1000-00000001",
      "desk-1/2000-00000001",
      "desk-2/3000-00000001",
      "desk-1/4000-00000001",
    ];
    deepStrictEqual(await listed(scope), all);
    deepStrictEqual(await listed(scope, "desk-2"), [all[0], all[2]]);
    deepStrictEqual(await listed(scope, "desk-3"), []);
  },

  "tells of a run that is being written": async (scope) => {
    const lease = await scope.acquire();
    const backend = await scope.create(lease);
    await append(backend, 3);
    const [live] = await scope.catalog.list();
    strictEqual(live?.manifest.status, "running");
    deepStrictEqual([live.watermark, live.isLive, live.problem], [3, true, undefined]);
    ok(live.sizeBytes > 0, "a size");
    await settle(backend.close());
    await lease.release();
    const [left] = await scope.catalog.list();
    strictEqual(left?.manifest.status, "running");
    deepStrictEqual([left.watermark, left.isLive], [3, false]);
  },

  "tells that a sealed run is not written, though its instance is held": async (scope) => {
    const backend = await scope.open();
    await settle(backend.seal("ended"));
    const [sealed] = await scope.catalog.list();
    deepStrictEqual([sealed?.manifest.status, sealed?.isLive], ["ended", false]);
  },

  "keeps instances apart": async (scope) => {
    const one = await scope.open({ instanceId: "desk-1" });
    const other = await scope.open({ instanceId: "desk-2" });
    strictEqual(one.manifest.runId, other.manifest.runId);
    await append(one, 2);
    await append(other, 1, 3);
    await append(one, 1);
    await checkHolds(await scope.read(one), 3);
    await checkHolds(await scope.read(other), 4);
  },

  "finds no run that does not exist": async (scope) => {
    const { catalog } = scope;
    const absent = "1000-00000001";
    await refuses(catalog.read("desk-1", absent), "TIDEMARK_NOT_FOUND");
    await sealedRun(scope, { startTsInit: 2_000n });
    await refuses(catalog.read("desk-1", absent), "TIDEMARK_NOT_FOUND");
    await refuses(catalog.read("desk-2", "2000-00000001"), "TIDEMARK_NOT_FOUND");
    const lease = await scope.acquire("desk-1");
    await refuses(lease.remove(absent), "TIDEMARK_NOT_FOUND");
    await refuses((await scope.acquire("desk-2")).remove("2000-00000001"), "TIDEMARK_NOT_FOUND");
  },

  "removes a sealed run": async (scope) => {
    const { manifest } = await sealedRun(scope, { startTsInit: 1_000n });
    const kept = await sealedRun(scope, { startTsInit: 2_000n });
    const lease = await scope.acquire();
    await lease.remove(manifest.runId);
    deepStrictEqual(await listed(scope), ["desk-1/2000-00000001"]);
    await refuses(scope.catalog.read(manifest.instanceId, manifest.runId), "TIDEMARK_NOT_FOUND");
    await refuses(lease.remove(manifest.runId), "TIDEMARK_NOT_FOUND");
    await refuses(lease.recover(manifest.runId), "TIDEMARK_NOT_FOUND");
    await checkHolds(await scope.read(kept), 2);
  },

  "removes no run that is not sealed": async (scope) => {
    const lease = await scope.acquire();
    const backend = await scope.create(lease);
    const { runId } = backend.manifest;
    await append(backend, 2);
    await refuses(lease.remove(runId), "TIDEMARK_NOT_SEALED", { runId });
    await settle(backend.close());
    await refuses(lease.remove(runId), "TIDEMARK_NOT_SEALED", { runId });
    await checkHolds(await scope.read(backend), 2);
  },

  "removes nothing under a lease that was released": async (scope) => {
    const { manifest } = await sealedRun(scope, {});
    const lease = await scope.acquire();
    await lease.release();
    await refuses(lease.remove(manifest.runId), "TIDEMARK_CLOSED");
    deepStrictEqual(await listed(scope), ["desk-1/1000-00000001"]);
  },

  "gives who reads a run that is removed the rest of it, or an error": async (scope) => {
    const { manifest } = await sealedRun(scope, {});
    const log = await scope.catalog.read(manifest.instanceId, manifest.runId);
    await (await scope.acquire()).remove(manifest.runId);
    const failure = await checkHolds(log, 2).catch((reason: unknown) => reason);
    ok(failure === undefined || failure instanceof TidemarkError, String(failure));
    await settle(log.close());
  },
};
