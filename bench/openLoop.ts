import { draftOf } from "./drafts.ts";
import { LatencyHistogram } from "./LatencyHistogram.ts";
import type { Pipeline } from "./pipelines.ts";
import { Schedule, type ScheduleConfig } from "./Schedule.ts";

/** How fast drafts come, whatever the pipeline does. */
export interface OpenLoopConfig extends ScheduleConfig {
  /**
   * Look at the clock in every turn of the event loop, which keeps a core busy. A timer leaves the
   * loop to itself, and comes up to a millisecond late.
   */
  readonly isExact?: boolean;
}

/** What an open loop saw. */
export interface OpenLoopResult {
  /** From the moment at which an entry was due until its caller heard that it is durable. */
  readonly heard: LatencyHistogram;
  /** Nanoseconds per call of `offer` on average, one value per burst, sorted. */
  readonly nsPerOffer: Float64Array;
  /** Nanoseconds of single calls, those of every other burst; the clock's own cost is in them. */
  readonly nsOfCall: Float64Array;
  /** How often the pipeline had no room; the draft came again, and counts from when it was due. */
  readonly refused: number;
  readonly schedule: Schedule;
}

/** Hands drafts in at a fixed rate, a burst at each millisecond, and measures from when each was due. */
export function openLoop(pipeline: Pipeline, config: OpenLoopConfig): Promise<OpenLoopResult> {
  const before = pipeline.accepted;
  const schedule = new Schedule(config, performance.now() + 1, before);
  const warmUpEntries = config.warmUpMs * schedule.perBurst;
  const heard = new LatencyHistogram();
  const nsPerOffer: number[] = [];
  const nsOfCall: number[] = [];
  let refused = 0;

  const offer = (turn: number): boolean => {
    const isTaken = pipeline.offer(draftOf(turn));
    if (!isTaken) refused += 1;
    return isTaken;
  };
  const offerTimed = (turn: number): boolean => {
    const calledAt = process.hrtime.bigint();
    const isTaken = offer(turn);
    nsOfCall.push(Number(process.hrtime.bigint() - calledAt));
    return isTaken;
  };
  /** @returns false when there is no room: the rest of the burst waits for the next turn. */
  const offerBurst = (from: number, end: number): boolean => {
    const isCounted = from >= warmUpEntries;
    const isTimedByCall = isCounted && Math.floor(from / schedule.perBurst) % 2 === 0;
    const startedAt = performance.now();
    for (let entry = from; entry < end; entry++) {
      if (isTimedByCall ? !offerTimed(entry) : !offer(entry)) return false;
    }
    const tookMs = performance.now() - startedAt;
    if (isCounted && !isTimedByCall) nsPerOffer.push((tookMs / (end - from)) * 1e6);
    return true;
  };
  const offerDue = (): void => {
    const due = schedule.dueBy(performance.now());
    let entry = pipeline.accepted - before;
    while (entry < due) {
      const end = entry - (entry % schedule.perBurst) + schedule.perBurst;
      if (!offerBurst(entry, end)) return;
      entry = end;
    }
  };

  return new Promise((resolve, reject) => {
    let durable = before;
    let cancel: (() => void) | undefined;
    const isDone = (): boolean => durable - before === schedule.entries;
    const goOn = (): void => {
      offerDue();
      if (pipeline.accepted - before < schedule.entries) cancel = nextTurn(goOn, config.isExact);
    };
    const fail = (failure: unknown): void => {
      cancel?.();
      reject(failure);
    };
    const finish = (): void => {
      reading.unsubscribe();
      resolve({
        heard,
        nsPerOffer: Float64Array.from(nsPerOffer).toSorted(),
        nsOfCall: Float64Array.from(nsOfCall).toSorted(),
        refused,
        schedule,
      });
    };
    const reading = pipeline.watermark$.subscribe({
      next: (watermark) => {
        schedule.record(heard, durable, { toSeq: watermark, at: performance.now() });
        durable = watermark;
        if (isDone()) setImmediate(finish);
      },
      error: fail,
      complete: () => fail(new Error("The pipeline has ended")),
    });
    cancel = nextTurn(goOn, config.isExact);
  });
}

/** @returns how to call it off. */
function nextTurn(step: () => void, isExact = false): () => void {
  if (isExact) {
    const immediate = setImmediate(step);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(step, 1);
  return () => clearTimeout(timer);
}
