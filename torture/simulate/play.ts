import { setImmediate } from "node:timers/promises";
import { config, of, type SchedulerLike } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import type { Backend } from "../../src/backends/Backend.ts";
import { MemoryRunLog } from "../../src/backends/memory/MemoryRunLog.ts";
import type { Clock } from "../../src/model/Clock.ts";
import { writerOptionsOf } from "../../src/model/options.ts";
import type { Run } from "../../src/model/Run.ts";
import type { Writer } from "../../src/model/Writer.ts";
import { composeRun } from "../../src/runs/composeRun.ts";
import { createWriter } from "../../src/streams/openWriter.ts";
import { schedulerClock } from "../../src/streams/systemClock.ts";
import { TRANSACTION_LIMITS, type TransactionLimits } from "../../src/streams/Transactions.ts";
import { faultyBackend } from "../../src/testing/faultyBackend.ts";
import { countingScheduler } from "../../test/support/countingScheduler.ts";
import { Callers } from "./Callers.ts";
import type { History, Seen, Sight } from "./History.ts";
import { overlaid } from "./overlaid.ts";
import { PlannedError } from "./PlannedError.ts";
import type { Script } from "./Script.ts";
import { TroubledBackend } from "./TroubledBackend.ts";
import { watch } from "./watch.ts";
import { witnessed } from "./witnessed.ts";

/** What is put over a writer or a backend that works, so that the model has something to see. */
export interface Sabotage {
  readonly backend?: (backend: Backend, scheduler: SchedulerLike) => Partial<Backend>;
  readonly writer?: (writer: Writer, scheduler: SchedulerLike) => Partial<Writer>;
}

/** Later than anything that a script or a writer waits for. */
const AFTER_EVERYTHING_MS = 10_000_000;
const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

/** Plays a script in virtual time, to the end of time, and gives what was seen. */
export async function play(script: Script, sabotage: Sabotage = {}): Promise<History> {
  const scheduler = new TestScheduler(() => undefined);
  const seen: Seen[] = [];
  let writer: Writer | undefined;
  const see = (sight: Sight): void => {
    const { accepted = 0, watermark = 0 } = writer ?? {};
    seen.push({ ...sight, at: scheduler.frame, accepted, watermark });
  };
  const unhandled = (failure: unknown): void => {
    if (!(failure instanceof PlannedError)) see({ kind: "unhandled", message: String(failure) });
  };
  const before = config.onUnhandledError;
  const { stackTraceLimit } = Error;
  // Thousands of refusals are made, and nobody looks at where.
  Error.stackTraceLimit = 0;
  config.onUnhandledError = unhandled;
  process.on("unhandledRejection", unhandled);
  try {
    const callers = scheduler.run(() => {
      const opened = open(script, { scheduler, see, sabotage });
      ({ writer } = opened);
      return stage(script, { ...opened, see });
    });
    // Nobody has looked at a promise yet: those that a halt rejects must not be missed.
    await setImmediate();
    await callers.listen();
  } catch (failure) {
    unhandled(failure);
  } finally {
    config.onUnhandledError = before;
    Error.stackTraceLimit = stackTraceLimit;
    process.off("unhandledRejection", unhandled);
  }
  return { options: writerOptionsOf(script.writer), seen };
}

interface Opened {
  readonly writer: Writer;
  readonly run: Run | undefined;
  /** For all that is not the writer's: the callers, the backend. */
  readonly ours: SchedulerLike;
  /** How many timers the writer has. */
  readonly timers: () => number;
}

function open(
  script: Script,
  {
    scheduler,
    see,
    sabotage,
  }: { scheduler: TestScheduler; see: (sight: Sight) => void; sabotage: Sabotage },
): Opened {
  const ours = countingScheduler(scheduler);
  const troubled = new TroubledBackend({ script, scheduler: ours, see });
  const backend =
    script.faulty === undefined
      ? troubled
      : faultyBackend(troubled, { ...script.faulty, scheduler: ours });
  const broken = overlaid(backend, sabotage.backend?.(backend, ours) ?? {});
  const options = {
    writer: script.writer,
    clock: script.clock === "steady" ? schedulerClock(scheduler) : jumping(scheduler),
    ...(script.hasScheduler ? { scheduler } : {}),
  };
  const pipeline = createWriter(witnessed(broken, see), options, limitsOf(script));
  const openLog = () => of(new MemoryRunLog(troubled.stored));
  const run = script.isRun ? composeRun({ writer: pipeline, openLog, recovered: [] }) : undefined;
  const sound: Writer = run ?? pipeline;
  const writer = overlaid(sound, sabotage.writer?.(sound, scheduler) ?? {});
  return { writer, run, ours, timers: () => scheduler.actions.length - ours.open };
}

/** The usual ones, but for the entries where the script has others. */
function limitsOf({ ahead }: Script): TransactionLimits {
  const { max, large } = TRANSACTION_LIMITS;
  return {
    max: { ...max, entries: ahead?.max ?? max.entries },
    large: { ...large, entries: ahead?.large ?? large.entries },
  };
}

function stage(
  script: Script,
  { writer, run, ours, timers, see }: Opened & { see: (sight: Sight) => void },
): Callers {
  const now = (work: () => void): unknown => ours.schedule(work, 0);
  watch(writer, see, () => {
    // What is due in this very moment is no timer that is left.
    now(() => now(() => see({ kind: "timers left", count: timers() })));
  });
  const callers = new Callers({ writer, run, see });
  let lastMs = 0;
  for (const step of script.steps) {
    ours.schedule(() => callers.take(step), step.at);
    lastMs = Math.max(lastMs, step.at);
  }
  ours.schedule(() => callers.take({ do: script.ending, at: lastMs + 1 }), lastMs + 1);
  ours.schedule(() => callers.endGates(), lastMs + AFTER_EVERYTHING_MS);
  return callers;
}

/** The scheduler's time, running back and forth by as much as a second. */
function jumping(scheduler: SchedulerLike): Clock {
  const steady = schedulerClock(scheduler);
  let jumps = 0n;
  return {
    now: () => {
      jumps += 1n;
      return steady.now() + ((jumps * 7_919n * NS_PER_MS) % NS_PER_SECOND);
    },
  };
}
