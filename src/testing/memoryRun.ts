import { asyncScheduler, of, type SchedulerLike } from "rxjs";
import { MemoryBackend } from "../backends/memory/MemoryBackend.ts";
import { MemoryRunLog } from "../backends/memory/MemoryRunLog.ts";
import { StoredRun } from "../backends/memory/StoredRun.ts";
import { FORMAT_VERSION } from "../format/formatVersion.ts";
import type { Clock } from "../model/Clock.ts";
import { DEFAULT_INSTANCE_ID } from "../model/ids.ts";
import type { WriterOptions } from "../model/options.ts";
import type { Run } from "../model/Run.ts";
import { composeRun } from "../runs/composeRun.ts";
import { newRun } from "../runs/runId.ts";
import { createWriter } from "../streams/openWriter.ts";
import { schedulerClock } from "../streams/systemClock.ts";
import type { Fault } from "./Fault.ts";
import { faultyBackend } from "./faultyBackend.ts";

/** How a {@link memoryRun} behaves; everything has a default. */
export interface MemoryRunOptions {
  /** How long each commit takes, milliseconds of the scheduler; default 0: at once. */
  readonly commitMs?: number;
  /** What goes wrong, and where. */
  readonly faults?: readonly Fault[];
  readonly writer?: Partial<WriterOptions>;
  /** Default: the scheduler's time. */
  readonly clock?: Clock;
  /** Default: `asyncScheduler`, which is virtual inside `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

/**
 * A whole run in memory for users' tests, opened synchronously. It has no `RunStarted`: its first
 * entry has seq 1; its close writes `RunEnded`. Between submission and watermark there is no
 * Promise, so that all of it works inside `TestScheduler.run`, halts and stalls included.
 *
 * @example
 * ```ts
 * marbles(({ hot, expectObservable }) => {
 *   const run = memoryRun({ commitMs: 2 });
 *   expectObservable(hot("a---b|").pipe(record(run, draftOf))).toBe("--a---(b|)");
 * });
 * ```
 */
export function memoryRun(options: MemoryRunOptions = {}): Run {
  const { commitMs = 0, faults = [], scheduler } = options;
  const clock = options.clock ?? schedulerClock(scheduler ?? asyncScheduler);
  const stored = new StoredRun({
    formatVersion: FORMAT_VERSION,
    ...newRun(clock, []),
    instanceId: DEFAULT_INSTANCE_ID,
    identity: {},
    highWatermark: 0,
    status: "running",
  });
  const memory = new MemoryBackend(stored);
  const backend = faultyBackend(memory, {
    commitMs,
    faults,
    scheduler: scheduler ?? asyncScheduler,
  });
  const writer = createWriter(backend, { ...options, clock });
  return composeRun({ writer, openLog: () => of(new MemoryRunLog(stored)), recovered: [] });
}
