import { map, Observable, Subject, type OperatorFunction, type SchedulerLike } from "rxjs";
import type { CapturedDraft } from "../model/entry.ts";
import type { WriterOptions } from "../model/options.ts";
import type { BatchClosedBy } from "../model/Writer.ts";
import { bufferTimeOrCount } from "../operators/bufferTimeOrCount.ts";
import type { Demand } from "./Demand.ts";
import type { AnchorSubmission, DraftSubmission, Submission } from "./Submission.ts";

/** Consecutive drafts that become durable together or not at all. */
interface Batch {
  readonly kind: "batch";
  readonly drafts: readonly CapturedDraft[];
  readonly sizeBytes: number;
  readonly closedBy: BatchClosedBy;
}

/** What decides where a batch ends. */
export interface CutBatchesConfig {
  readonly options: WriterOptions;
  readonly demand: Demand;
  /** Told of each submission first, in order: it has its place in the log now. */
  readonly accept: (submission: Submission) => void;
  /** Upstream has no credit left, of either kind: waiting for company is pointless. */
  readonly exhausted$: Observable<"count" | "bytes">;
  readonly scheduler: SchedulerLike;
}

/**
 * Cuts the stream of submissions into batches. An anchor closes the batch before it and passes
 * after it; completion closes the last one.
 *
 * {@link bufferTimeOrCount} closes by count and age; everything else closes its window early:
 * bytes, exhausted credit, barriers, and, with `flushWhenIdle`, a sink that has nothing to do.
 */
export function cutBatches(config: CutBatchesConfig): OperatorFunction<Submission, BatchOrAnchor> {
  const { demand, exhausted$, options } = config;
  return (source) =>
    new Observable((subscriber) => {
      const cutter = new BatchCutter(config, (anchor) => subscriber.next(anchor));
      const error = (failure: unknown): void => subscriber.error(failure);
      subscriber.add(exhausted$.subscribe({ next: (credit) => cutter.cut(credit), error }));
      if (options.flushWhenIdle) {
        subscriber.add(demand.wanted$.subscribe({ next: () => cutter.cut("idle"), error }));
      }
      return cutter.batches(source).subscribe(subscriber);
    });
}

/** What {@link cutBatches} emits. */
export type BatchOrAnchor = Batch | AnchorSubmission;

class BatchCutter {
  readonly #config: CutBatchesConfig;
  readonly #passAnchor: (anchor: AnchorSubmission) => void;
  readonly #closeWindow = new Subject<void>();
  #entries = 0;
  #sizeBytes = 0;
  #closedBy: BatchClosedBy | undefined;

  constructor(config: CutBatchesConfig, passAnchor: (anchor: AnchorSubmission) => void) {
    this.#config = config;
    this.#passAnchor = passAnchor;
  }

  batches(source: Observable<Submission>): Observable<Batch> {
    const { options, scheduler } = this.#config;
    return this.#drafts(source).pipe(
      bufferTimeOrCount({
        maxWaitMs: options.maxBatchWaitMs,
        maxCount: options.maxBatchEntries,
        closeOn: this.#closeWindow,
        scheduler,
      }),
      map((submissions) => this.#leave(submissions)),
    );
  }

  /** Closes the window, if it holds anything, and says why. */
  cut(closedBy: BatchClosedBy): void {
    if (this.#entries === 0) return;
    this.#closedBy = closedBy;
    this.#closeWindow.next();
    this.#closedBy = undefined;
  }

  /**
   * What goes into the windows. One step where tap, filter and tap would say the same: every entry
   * comes through here, and each operator costs it as much as half a copy of its payload.
   */
  #drafts(source: Observable<Submission>): Observable<DraftSubmission> {
    const { options, demand } = this.#config;
    return new Observable((window) =>
      source.subscribe({
        next: (submission) => {
          try {
            if (!this.#enters(submission)) return;
            // First: in RxJS's virtual time an immediate that is asked for behind a timer of 0 ms fails.
            const isTurnOver = options.flushWhenIdle && demand.beginAtEndOfTurn();
            window.next(submission);
            if (isTurnOver) this.cut("idle");
          } catch (failure) {
            // A plain observer that throws is told to nobody: what is accepted must not get lost so.
            window.error(failure);
          }
        },
        error: (failure: unknown) => window.error(failure),
        complete: () => {
          this.cut("barrier");
          window.complete();
        },
      }),
    );
  }

  /** Whether the submission goes into the window. */
  #enters(submission: Submission): submission is DraftSubmission {
    this.#config.accept(submission);
    if (submission.kind === "anchor") {
      this.cut("barrier");
      this.#passAnchor(submission);
      return false;
    }
    if (this.#sizeBytes + submission.sizeBytes > this.#config.options.maxBatchBytes) {
      this.cut("bytes");
    }
    this.#entries += 1;
    this.#sizeBytes += submission.sizeBytes;
    return true;
  }

  #leave(submissions: readonly DraftSubmission[]): Batch {
    const isFull = submissions.length === this.#config.options.maxBatchEntries;
    const batch: Batch = {
      kind: "batch",
      drafts: submissions.map(({ draft }) => draft),
      sizeBytes: this.#sizeBytes,
      closedBy: this.#closedBy ?? (isFull ? "count" : "time"),
    };
    this.#entries = 0;
    this.#sizeBytes = 0;
    return batch;
  }
}
