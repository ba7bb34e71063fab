import { setImmediate as nextTurn } from "node:timers/promises";
import { lmdbCatalog } from "../src/backends/lmdb/lmdbCatalog.ts";
import type { RunCatalog } from "../src/backends/RunCatalog.ts";
import { LockedError } from "../src/model/errors.ts";
import type { Run } from "../src/model/Run.ts";
import { openRun } from "../src/runs/openRun.ts";
import { sharedNowMs } from "./sharedNowMs.ts";
import { type LeaseKind, useLease } from "./useLease.ts";

/* Asks for an instance that somebody holds until it has it; then it lets go and waits for the next. */

/** Where to ask; the first refusal is told, for from then on it is asked without a pause. */
export interface TakeoverQuestion {
  readonly directory: string;
}

/** When it had what: milliseconds of the clock that all processes share. */
export interface TakenOver {
  readonly leasedAt: number;
  readonly openedAt: number;
}

const [kind = "socket"] = process.argv.slice(2);
useLease(kind as LeaseKind);
process.on("message", (question) => void takeOver(question as TakeoverQuestion));

async function takeOver({ directory }: TakeoverQuestion): Promise<void> {
  let leasedAt = Number.NaN;
  const catalog = lmdbCatalog({ directory });
  const watched: RunCatalog = {
    acquire: async (instanceId) => {
      const lease = await catalog.acquire(instanceId);
      leasedAt = sharedNowMs();
      return lease;
    },
    list: (instanceId, options) => catalog.list(instanceId, options),
    read: (instanceId, runId, options) => catalog.read(instanceId, runId, options),
  };
  let run: Run | undefined;
  for (let refusals = 0; run === undefined; refusals += 1) {
    run = await openRun({ catalog: watched }).catch(unlessHeld);
    if (refusals === 0) process.send?.("asking");
    await nextTurn();
  }
  const result: TakenOver = { leasedAt, openedAt: sharedNowMs() };
  await run.close();
  process.send?.(result);
}

function unlessHeld(failure: unknown): undefined {
  if (!(failure instanceof LockedError)) throw failure;
}
