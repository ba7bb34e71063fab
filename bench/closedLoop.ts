import { draftOf } from "./drafts.ts";
import type { Pipeline } from "./pipelines.ts";

/** How hard a pipeline is driven. */
export interface ClosedLoopConfig {
  readonly outstanding: number;
  readonly warmUpEntries: number;
  readonly entries: number;
}

/** What a saturated pipeline gave. */
export interface ClosedLoopResult {
  readonly entriesPerSecond: number;
  /** Nanoseconds inside `offer`, per call. */
  readonly nsPerOffer: number;
}

/**
 * Keeps a number of entries outstanding, accepted and not durable: whenever the watermark rises, as
 * many are handed in.
 */
export function closedLoop(
  pipeline: Omit<Pipeline, "close">,
  { outstanding, warmUpEntries, entries }: ClosedLoopConfig,
): Promise<ClosedLoopResult> {
  return new Promise((resolve, reject) => {
    let start: { readonly at: number; readonly seq: number } | undefined;
    let offered = 0;
    let offeringMs = 0;

    const refill = (watermark: number): void => {
      const startedAt = performance.now();
      const wanted = watermark + outstanding - pipeline.accepted;
      for (let turn = 0; turn < wanted; turn++) {
        if (!pipeline.offer(draftOf(turn))) throw new Error("The pipeline has refused a draft");
      }
      if (start === undefined) return;
      offered += wanted;
      offeringMs += performance.now() - startedAt;
    };
    const reading = pipeline.watermark$.subscribe({
      next: (watermark) => {
        const now = performance.now();
        if (watermark >= warmUpEntries) start ??= { at: now, seq: watermark };
        if (start === undefined || watermark - start.seq < entries) return refill(watermark);
        reading.unsubscribe();
        resolve({
          entriesPerSecond: ((watermark - start.seq) / (now - start.at)) * 1e3,
          nsPerOffer: (offeringMs / offered) * 1e6,
        });
      },
      error: reject,
      complete: () => reject(new Error("The pipeline has ended")),
    });
  });
}
