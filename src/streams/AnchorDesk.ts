import type { SchedulerLike, Subscription } from "rxjs";
import type { SnapshotAnchor } from "../model/manifest.ts";
import { afterFairly } from "./afterFairly.ts";
import type { AnchorSubmission } from "./Submission.ts";

/** What an {@link AnchorDesk} needs to know. */
export interface AnchorDeskConfig {
  readonly haltThresholdMs: number;
  readonly scheduler: SchedulerLike;
  /** An accepted anchor was not stored in time. */
  readonly onStall: (stalledForMs: number) => void;
}

/** Keeps the anchors that were handed in until they are stored or refused. */
export class AnchorDesk {
  readonly #config: AnchorDeskConfig;
  readonly #open = new Map<AnchorSubmission, Subscription | undefined>();

  constructor(config: AnchorDeskConfig) {
    this.#config = config;
  }

  /** The anchor stands in line or queue. */
  open(submission: AnchorSubmission): void {
    this.#open.set(submission, undefined);
  }

  /** The anchor has its place in the queue: from now on its acknowledgement is waited for. */
  accepted(submission: AnchorSubmission): void {
    const { scheduler, haltThresholdMs, onStall } = this.#config;
    const acceptedAt = scheduler.now();
    const timer = afterFairly(scheduler, haltThresholdMs, () =>
      onStall(Math.max(haltThresholdMs, scheduler.now() - acceptedAt)),
    );
    this.#open.set(submission, timer);
  }

  stored(submission: AnchorSubmission, anchor: SnapshotAnchor): void {
    // One that was on its way at a halt has been refused already.
    if (submission.isCancelled) return;
    this.#leave(submission);
    submission.waiter.durable?.(anchor);
  }

  /** Nobody may store the anchor any more. */
  cancel(submission: AnchorSubmission): void {
    submission.isCancelled = true;
    this.#leave(submission);
  }

  /** Cancels all, and gives those who must be told. */
  cancelAll(): AnchorSubmission[] {
    const open = [...this.#open.keys()];
    for (const submission of open) this.cancel(submission);
    return open;
  }

  #leave(submission: AnchorSubmission): void {
    this.#open.get(submission)?.unsubscribe();
    this.#open.delete(submission);
  }
}
