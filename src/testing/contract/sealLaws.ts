import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { SealedStatus } from "../../model/manifest.ts";
import { refuses, settle } from "./answers.ts";
import { append, appendDrafts, checkedEntries, checkHolds, framesOf } from "./frames.ts";
import type { Laws } from "./Laws.ts";
import { manifestOf } from "./LawScope.ts";

const STATUSES: readonly SealedStatus[] = ["ended", "crashed-recovered", "quarantined"];
const TS_INITS = [10n, 25n, 17n];

function sealsAs(status: SealedStatus): Laws {
  return {
    [`seals as ${status}, with the last seq and the largest tsInit`]: async (scope) => {
      const lease = await scope.acquire();
      const backend = await scope.create(lease);
      for (const tsInit of TS_INITS) await appendDrafts(backend, 1, () => ({ tsInit }));
      const sealed = manifestOf({ status, highWatermark: 3, endTsInit: 25n });
      deepStrictEqual(await settle(backend.seal(status)), sealed);
      deepStrictEqual(backend.manifest, sealed);
      await settle(backend.close());
      await lease.release();
      const reader = await scope.read(backend);
      deepStrictEqual(reader.manifest, sealed);
      strictEqual(reader.watermark, 3);
      strictEqual((await checkedEntries(reader)).length, 3);
      const [summary, ...others] = await scope.catalog.list();
      deepStrictEqual(summary?.manifest, sealed);
      deepStrictEqual([summary?.watermark, summary?.isLive, others], [3, false, []]);
    },
  };
}

/** What holds of `seal`, and of a log that was sealed or let go. */
export const sealLaws: Laws = {
  ...Object.assign({}, ...STATUSES.map(sealsAs)),

  "seals an empty run without an end": async (scope) => {
    const backend = await scope.open();
    deepStrictEqual(await settle(backend.seal("ended")), manifestOf({ status: "ended" }));
  },

  "takes the largest tsInit of one frame too": async (scope) => {
    const backend = await scope.open();
    await appendDrafts(backend, 3, (seq) => ({ tsInit: TS_INITS[seq - 1] ?? 0n }));
    strictEqual((await settle(backend.seal("ended"))).endTsInit, 25n);
  },

  "changes nothing of a sealed run": async (scope) => {
    const backend = await scope.open();
    await append(backend, 3);
    const sealed = await settle(backend.seal("ended"));
    const { runId } = sealed;
    await refuses(backend.append(framesOf(backend, 1)), "TIDEMARK_SEALED", { runId });
    await refuses(backend.seal("quarantined"), "TIDEMARK_SEALED", { runId });
    deepStrictEqual(backend.manifest, sealed);
    await checkHolds(backend, 3);
    const reader = await scope.read(backend);
    deepStrictEqual(reader.manifest, sealed);
    await checkHolds(reader, 3);
  },

  "closes twice, and takes nothing after": async (scope) => {
    const backend = await scope.open();
    await append(backend, 2);
    const late = framesOf(backend, 1);
    await settle(backend.close());
    await settle(backend.close());
    await refuses(backend.append(late), "TIDEMARK_CLOSED");
    const reader = await scope.read(backend);
    await checkHolds(reader, 2);
    strictEqual(reader.manifest.status, "running");
    await settle(reader.close());
    await settle(reader.close());
  },

  "shows a live run to a reader that looks again": async (scope) => {
    const backend = await scope.open();
    await append(backend, 2);
    const reader = await scope.read(backend);
    await checkHolds(reader, 2);
    await append(backend, 1, 2);
    strictEqual(await settle(reader.refresh()), 5);
    await checkHolds(reader, 5);
    const sealed = await settle(backend.seal("ended"));
    strictEqual(await settle(reader.refresh()), 5);
    deepStrictEqual(reader.manifest, sealed);
    strictEqual((await checkedEntries(reader)).length, 5);
  },
};
