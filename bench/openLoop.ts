import { draftOf } from "./drafts.ts";
import type { Pipeline } from "./pipelines.ts";

/** How fast drafts come, whatever the pipeline does. */
export interface OpenLoopConfig {
  readonly perSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What an open loop saw, sorted. */
export interface OpenLoopResult {
  /** Milliseconds from the moment at which an entry was due until it was durable. */
  readonly fromDue: Float64Array;
  /** Milliseconds from handing the entry in until it was durable. */
  readonly fromOffer: Float64Array;
  /** Nanoseconds per call of `offer` on average, one value per burst. */
  readonly nsPerOffer: Float64Array;
  /** Nanoseconds of single calls, those of every other burst; the clock's own cost is in them. */
  readonly nsOfCall: Float64Array;
  /** Drafts that the pipeline had no room for: they are in no other number. */
  readonly refused: number;
}

/**
 * Hands drafts in at a fixed rate, a burst at each millisecond. A burst that comes late, because
 * the loop was busy, still counts from the moment at which it was due: a pipeline that blocks its
 * source does not get to hide what it held up.
 */
export function openLoop(pipeline: Pipeline, config: OpenLoopConfig): Promise<OpenLoopResult> {
  const { perSecond, warmUpMs, measureMs } = config;
  const perBurst = perSecond / 1000;
  const bursts = warmUpMs + measureMs;
  const dueAt = new Float64Array(bursts * perBurst + 1);
  const offeredAt = new Float64Array(dueAt.length);
  const durableAt = new Float64Array(dueAt.length);
  const nsPerOffer: number[] = [];
  const nsOfCall: number[] = [];

  return new Promise((resolve, reject) => {
    const startAt = performance.now() + 1;
    let burst = 0;
    let durable = 0;
    let refused = 0;
    let firstCounted = 1;
    let timer: NodeJS.Timeout | undefined;

    const offerBurst = (): void => {
      const now = performance.now();
      const isCounted = burst >= warmUpMs;
      const isTimedByCall = isCounted && burst % 2 === 0;
      for (let turn = 0; turn < perBurst; turn++) {
        const seq = pipeline.accepted + 1;
        const draft = draftOf(turn);
        dueAt[seq] = startAt + burst;
        offeredAt[seq] = now;
        const calledAt = isTimedByCall ? process.hrtime.bigint() : 0n;
        if (!pipeline.offer(draft)) refused += 1;
        if (isTimedByCall) nsOfCall.push(Number(process.hrtime.bigint() - calledAt));
      }
      const tookMs = performance.now() - now;
      if (isCounted && !isTimedByCall) nsPerOffer.push((tookMs / perBurst) * 1e6);
      burst += 1;
      if (burst === warmUpMs) firstCounted = pipeline.accepted + 1;
    };
    const tick = (): void => {
      const due = Math.min(bursts, Math.floor(performance.now() - startAt) + 1);
      for (let late = due - burst; late > 0; late--) offerBurst();
      if (burst < bursts) timer = setTimeout(tick, 1);
    };
    const since = (from: Float64Array): Float64Array =>
      durableAt
        .subarray(firstCounted, durable + 1)
        .map((at, index) => at - (from[firstCounted + index] ?? 0))
        .toSorted();
    const finish = (): void => {
      reading.unsubscribe();
      resolve({
        fromDue: since(dueAt),
        fromOffer: since(offeredAt),
        nsPerOffer: Float64Array.from(nsPerOffer).toSorted(),
        nsOfCall: Float64Array.from(nsOfCall).toSorted(),
        refused,
      });
    };
    const reading = pipeline.watermark$.subscribe({
      next: (watermark) => {
        durableAt.fill(performance.now(), durable + 1, watermark + 1);
        durable = watermark;
        if (burst === bursts && durable === pipeline.accepted) setImmediate(finish);
      },
      error: (failure: unknown) => {
        clearTimeout(timer);
        reject(failure);
      },
      complete: () => reject(new Error("The pipeline has ended")),
    });
    timer = setTimeout(tick, 1);
  });
}
