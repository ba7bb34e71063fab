import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { concatMap, filter, firstValueFrom, Observable, timeout } from "rxjs";
import type { RunLog } from "../../backends/Backend.ts";
import { settle } from "./answers.ts";
import { append } from "./frames.ts";
import type { Laws } from "./Laws.ts";

/** How long a log may take to tell of a change; it is far less, and this is real time. */
const TOLD_WITHIN_MS = 10_000;

/** Resolves when a look at the log, taken because the log told of a change, shows something. */
async function toldOf(log: RunLog, shows: () => boolean): Promise<void> {
  const { changes$ } = log;
  ok(changes$);
  await firstValueFrom(
    new Observable((subscriber) => changes$.subscribe(subscriber)).pipe(
      concatMap(() => log.refresh()),
      filter(shows),
      timeout(TOLD_WITHIN_MS),
    ),
  );
}

/** What holds of a log that is followed while another handle writes it. */
export const followLaws: Laws = {
  "tells a reader of each commit and of the seal, where it tells of changes": async (scope) => {
    const backend = await scope.open();
    const reader = await scope.read(backend);
    if (reader.changes$ === undefined) return;
    for (const watermark of [2, 4]) {
      const told = toldOf(reader, () => reader.watermark === watermark);
      await append(backend, 2);
      await told;
    }
    const told = toldOf(reader, () => reader.manifest.status === "ended");
    await settle(backend.seal("ended"));
    await told;
    strictEqual(reader.watermark, 4);
  },

  "lists a run with what began after it, and perhaps more": async (scope) => {
    const lease = await scope.acquire();
    for (const startTsInit of [1_000n, 2_000n, 3_000n]) {
      const backend = await scope.create(lease, { startTsInit });
      await settle(backend.close());
    }
    const since = "2000-00000001";
    const summaries = await scope.catalog.list(lease.instanceId, { since });
    const runIds = summaries.map(({ manifest }) => manifest.runId);
    deepStrictEqual(runIds.slice(-2), [since, "3000-00000001"]);
    deepStrictEqual(summaries.at(-1)?.isLive, true);
  },
};
