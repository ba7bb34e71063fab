import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { LockedError } from "../../model/errors.ts";
import { refuses, settle } from "./answers.ts";
import { anchorOf } from "./anchorLaws.ts";
import { append, appendDrafts, checkedEntries, checkHolds, frameOf, framesOf } from "./frames.ts";
import type { Laws } from "./Laws.ts";
import { manifestOf } from "./LawScope.ts";

const INSTANCE_ID = "desk-1";

/** What holds of leases, recovery and fencing. */
export const leaseLaws: Laws = {
  "gives an instance to one holder at a time": async (scope) => {
    const lease = await scope.acquire(INSTANCE_ID);
    strictEqual(lease.instanceId, INSTANCE_ID);
    const refusal = await refuses(scope.catalog.acquire(INSTANCE_ID), "TIDEMARK_LOCKED");
    ok(refusal instanceof LockedError);
    deepStrictEqual([typeof refusal.holder, typeof refusal.sinceMs], ["string", "number"]);
    ok(refusal.halted !== true, "not halted");
    await scope.acquire("desk-2");
    await lease.release();
    await scope.acquire(INSTANCE_ID);
  },

  "is released twice without harm to the next holder": async (scope) => {
    const lease = await scope.acquire();
    await lease.release();
    await lease.release();
    await scope.acquire();
    await lease.release();
    await refuses(scope.catalog.acquire(INSTANCE_ID), "TIDEMARK_LOCKED");
  },

  "writes nothing under a lease that was released": async (scope) => {
    const lease = await scope.acquire();
    const backend = await scope.create(lease);
    await settle(backend.close());
    await lease.release();
    await refuses(lease.create(manifestOf({ startTsInit: 2_000n })), "TIDEMARK_CLOSED");
    await refuses(lease.recover(backend.manifest.runId), "TIDEMARK_CLOSED");
    strictEqual((await scope.catalog.list()).length, 1);
  },

  "recovers what was appended, and goes on": async (scope) => {
    const lease = await scope.acquire();
    const dead = await scope.create(lease);
    await appendDrafts(dead, 2, () => ({ indexKeys: [{ kind: "id", key: "O-1" }] }));
    await append(dead, 1, 2);
    await settle(dead.recordSnapshotAnchor(anchorOf(2)));
    await settle(dead.close());
    await lease.release();

    const heir = await scope.recover(await scope.acquire(), dead.manifest.runId);
    deepStrictEqual(heir.manifest, dead.manifest);
    ok(heir.epoch > dead.epoch, "a higher epoch");
    await checkHolds(heir, 5);
    deepStrictEqual(await settle(heir.latestSnapshotAnchor()), anchorOf(2));
    await appendDrafts(heir, 1, () => ({ indexKeys: [{ kind: "id", key: "O-1" }] }));
    strictEqual(await settle(heir.lookup("id", "O-1")), 1);
    await checkHolds(heir, 6);
  },

  "seals what was recovered": async (scope) => {
    const lease = await scope.acquire();
    for (const [startTsInit, status] of [
      [1_000n, "crashed-recovered"],
      [2_000n, "quarantined"],
      [3_000n, "ended"],
    ] as const) {
      const dead = await scope.create(lease, { startTsInit });
      for (const tsInit of [25n, 10n]) await appendDrafts(dead, 1, () => ({ tsInit }));
      await settle(dead.close());
      const heir = await scope.recover(lease, dead.manifest.runId);
      await appendDrafts(heir, 1, () => ({ tsInit: 17n }));
      strictEqual((await checkedEntries(heir)).length, 3);
      const sealed = manifestOf({ startTsInit, status, highWatermark: 3, endTsInit: 25n });
      deepStrictEqual(await settle(heir.seal(status)), sealed);
      deepStrictEqual((await scope.read(heir)).manifest, sealed);
      await settle(heir.close());
    }
  },

  "fences the writer whose run was recovered": async (scope) => {
    const lease = await scope.acquire();
    const zombie = await scope.create(lease);
    await append(zombie, 2);
    const late = framesOf(zombie, 1);
    await lease.release();

    const heir = await scope.recover(await scope.acquire(), zombie.manifest.runId);
    const epochs = { epoch: zombie.epoch, foundEpoch: heir.epoch };
    await refuses(zombie.append(late), "TIDEMARK_FENCED", epochs);
    await refuses(zombie.recordSnapshotAnchor(anchorOf(2)), "TIDEMARK_FENCED", epochs);
    await refuses(zombie.seal("ended"), "TIDEMARK_FENCED", epochs);
    await checkHolds(heir, 2);
    strictEqual(await settle(heir.latestSnapshotAnchor()), undefined);
    await append(heir, 1);
    await refuses(zombie.append([frameOf(zombie, 4, 1)]), "TIDEMARK_FENCED", epochs);
    await checkHolds(heir, 3);
    strictEqual((await settle(heir.seal("crashed-recovered"))).highWatermark, 3);
  },

  "raises the epoch at every recovery": async (scope) => {
    const lease = await scope.acquire();
    const first = await scope.create(lease);
    await settle(first.close());
    const second = await scope.recover(lease, first.manifest.runId);
    await settle(second.close());
    const third = await scope.recover(lease, first.manifest.runId);
    ok(first.epoch < second.epoch && second.epoch < third.epoch, "rising epochs");
  },

  "recovers neither an unknown run nor a sealed one": async (scope) => {
    const lease = await scope.acquire();
    await refuses(lease.recover("1000-00000001"), "TIDEMARK_NOT_FOUND");
    const backend = await scope.create(lease);
    await append(backend, 1);
    await settle(backend.seal("ended"));
    const { runId } = backend.manifest;
    await settle(backend.close());
    await refuses(lease.recover(runId), "TIDEMARK_SEALED", { runId });
    await checkHolds(await scope.read(backend), 1);
  },

  "keeps the instance of a writer that has failed until its lease is given back": async (scope) => {
    const lease = await scope.acquire();
    const backend = await scope.create(lease);
    await append(backend, 1);
    if (backend.fail === undefined) return;
    const late = framesOf(backend, 1);
    scope.forget();
    backend.fail();
    ok(
      await settle(backend.append(late)).then(
        () => false,
        () => true,
      ),
      "refuses an append",
    );
    ok(
      await settle(backend.framesFrom(1)).then(
        () => false,
        () => true,
      ),
      "refuses a read",
    );
    await refuses(scope.catalog.acquire(INSTANCE_ID), "TIDEMARK_LOCKED", { halted: true });
  },
};
