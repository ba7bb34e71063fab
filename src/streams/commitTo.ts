import {
  from,
  Observable,
  tap,
  type ObservableInput,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
} from "rxjs";
import type { Ack, Backend } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import { BackendError } from "../model/errors.ts";
import type { SnapshotAnchor } from "../model/manifest.ts";
import type { Commit } from "../model/Writer.ts";
import { answerWithin } from "./answerWithin.ts";
import type { Demand } from "./Demand.ts";
import { Fifo } from "./Fifo.ts";
import type { FrameMemory } from "./FrameMemory.ts";
import type { FramedBatch, Work } from "./frames.ts";
import type { SerialDelivery } from "./SerialDelivery.ts";
import type { AnchorSubmission } from "./Submission.ts";

/**
 * One transaction takes as many batches as fit, and at least one. Half of a full queue: while the one
 * half is committed, the other one comes in.
 */
const MAX_TRANSACTION_ENTRIES = 5_000;
const MAX_TRANSACTION_BYTES = 2 * 1024 * 1024;

/** Something became durable. */
export type Durable =
  | { readonly kind: "commit"; readonly commit: Omit<Commit, "queuedEntries"> }
  | {
      readonly kind: "anchor";
      readonly submission: AnchorSubmission;
      readonly anchor: SnapshotAnchor;
    };

/** How {@link commitTo} commits. */
export interface CommitToConfig {
  readonly backend: Backend;
  readonly scheduler: SchedulerLike;
  readonly commitTimeoutMs: number;
  readonly demand: Demand;
  readonly delivery: SerialDelivery;
  /** Where the memory of frames goes that the backend returns; undefined where it keeps them. */
  readonly memory: FrameMemory | undefined;
  /** What was taken from the queue is on its way to the disk: it holds no credit any more. */
  readonly onTaken: (count: number, sizeBytes: number) => void;
}

/**
 * Makes work durable, in order, one step at a time: while a commit is out, batches pile up, and
 * when it is back, all of them go into the next single transaction.
 *
 * Emits what became durable; errors with {@link SinkFailure} at the first failure, or when a step
 * takes longer than `commitTimeoutMs`; completes with its source once everything is durable.
 */
export function commitTo(config: CommitToConfig): OperatorFunction<Work, Durable> {
  return (source) =>
    new Observable((subscriber) => {
      const loop = new CommitLoop(config, subscriber);
      subscriber.add(
        source.subscribe({
          next: (work) => {
            try {
              loop.push(work);
            } catch (failure) {
              subscriber.error(failure);
            }
          },
          error: (failure: unknown) => subscriber.error(failure),
          complete: () => loop.finish(),
        }),
      );
    });
}

class CommitLoop {
  readonly #config: CommitToConfig;
  readonly #subscriber: Subscriber<Durable>;
  readonly #pending = new Fifo<Work>();
  #watermark: Seq;
  #isBusy = false;
  #isFinishing = false;

  constructor(config: CommitToConfig, subscriber: Subscriber<Durable>) {
    this.#config = config;
    this.#subscriber = subscriber;
    this.#watermark = config.backend.watermark;
  }

  push(work: Work): void {
    this.#pending.push(work);
    this.#startNext();
  }

  finish(): void {
    this.#isFinishing = true;
    this.#startNext();
  }

  #startNext(): void {
    if (this.#isBusy || this.#subscriber.closed) return;
    // What is taken gives credit back, and that may bring more in: it waits its turn.
    this.#isBusy = true;
    const head = this.#nextWork();
    this.#isBusy = head !== undefined;
    this.#config.demand.isIdle = head === undefined;
    if (head?.kind === "anchor") this.#store(head);
    else if (head !== undefined) this.#commit(this.#takeBatches());
    else if (this.#isFinishing) this.#subscriber.complete();
  }

  #nextWork(): Work | undefined {
    for (let head = this.#pending.peek(); head !== undefined; head = this.#pending.peek()) {
      if (head.kind === "frame" || !head.isCancelled) return head;
      this.#takeAnchor(head);
    }
    return undefined;
  }

  #takeBatches(): readonly FramedBatch[] {
    const batches: FramedBatch[] = [];
    let entries = 0;
    let bytes = 0;
    for (let head = this.#pending.peek(); head?.kind === "frame"; head = this.#pending.peek()) {
      entries += head.entries;
      bytes += head.frame.bytes.byteLength;
      const fits = entries <= MAX_TRANSACTION_ENTRIES && bytes <= MAX_TRANSACTION_BYTES;
      if (batches.length > 0 && !fits) break;
      this.#pending.shift();
      batches.push(head);
    }
    return batches;
  }

  #commit(batches: readonly FramedBatch[]): void {
    const { backend, scheduler, memory, onTaken } = this.#config;
    const frames = batches.map(({ frame }) => frame);
    const fromSeq = frames[0]?.fromSeq ?? 0;
    const toSeq = frames.at(-1)?.toSeq ?? 0;
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes.byteLength, 0);
    const startedAt = scheduler.now();
    for (const { entries, sizeBytes } of batches) onTaken(entries, sizeBytes);
    this.#step(
      () => from(backend.append(frames)).pipe(tap((ack) => checkAck(ack, toSeq))),
      (ack) => {
        this.#watermark = toSeq;
        for (const frame of frames) memory?.giveBack(frame.bytes);
        const commitMs = ack.commitMs ?? scheduler.now() - startedAt;
        const told = batches.map(({ entries, closedBy }) => ({ entries, closedBy }));
        const commit = { fromSeq, toSeq, batches: told, bytes, commitMs };
        this.#subscriber.next({ kind: "commit", commit });
      },
    );
  }

  #takeAnchor({ sizeBytes }: AnchorSubmission): void {
    this.#pending.shift();
    this.#config.onTaken(1, sizeBytes);
  }

  #store(submission: AnchorSubmission): void {
    this.#takeAnchor(submission);
    const anchor: SnapshotAnchor = { highWatermark: this.#watermark, ...submission.snapshot };
    this.#step(
      () => this.#config.backend.recordSnapshotAnchor(anchor),
      () => this.#subscriber.next({ kind: "anchor", submission, anchor }),
    );
  }

  #step<Answer>(start: () => ObservableInput<Answer>, onAnswer: (answer: Answer) => void): void {
    const { scheduler, commitTimeoutMs, delivery, demand } = this.#config;
    const answered = (answer: Answer): void => {
      if (this.#subscriber.closed) return;
      onAnswer(answer);
      // First upstream closes its window, then everything that is pending goes out.
      demand.want();
      this.#isBusy = false;
      this.#startNext();
    };
    this.#subscriber.add(
      answerWithin(start, { timeoutMs: commitTimeoutMs, scheduler }).subscribe({
        next: (answer) => delivery.deliver(() => answered(answer)),
        error: (failure: unknown) => delivery.deliver(() => this.#subscriber.error(failure)),
      }),
    );
  }
}

/** An ack that proves something else than what was handed over proves nothing. */
function checkAck(ack: Ack, toSeq: Seq): void {
  if (ack.toSeq !== toSeq) {
    throw new BackendError(`Expected an ack up to seq ${toSeq}, got ${ack.toSeq}`);
  }
}
