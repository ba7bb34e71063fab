import {
  AsyncSubject,
  defer,
  from,
  merge,
  Observable,
  take,
  tap,
  type ObservableInput,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
} from "rxjs";
import type { Ack, Backend, Frame } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import { BackendError } from "../model/errors.ts";
import type { SnapshotAnchor } from "../model/manifest.ts";
import type { Commit } from "../model/Writer.ts";
import { answerWithin } from "./answerWithin.ts";
import type { Demand } from "./Demand.ts";
import type { FrameMemory } from "./FrameMemory.ts";
import type { Work } from "./frames.ts";
import type { SerialDelivery } from "./SerialDelivery.ts";
import type { AnchorSubmission } from "./Submission.ts";
import { Transactions, type Transaction, type TransactionLimits } from "./Transactions.ts";

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
  /** Passing on has stopped for want of credit; an offer that is refused is not told. */
  readonly exhausted$: Observable<unknown>;
  readonly delivery: SerialDelivery;
  readonly transactionLimits: TransactionLimits | undefined;
  /** Where the memory of frames goes that the backend returns; undefined where it keeps them. */
  readonly memory: FrameMemory | undefined;
  /** What was taken from the queue is on its way to the disk: it holds no credit any more. */
  readonly onTaken: (count: number, sizeBytes: number) => void;
}

/** A transaction that the backend works on as soon as it is done with the one before. */
interface HandedOver {
  readonly kind: "handed over";
  readonly transaction: Transaction;
  readonly ack$: ObservableInput<Ack>;
}

/**
 * Makes work durable, in order, one step at a time. An idle sink begins when the turn is over, or at once
 * where upstream has no credit left; while a commit is out, batches pile up, and when it is back, all of
 * them go into the next single transaction. Where so many pile up that it is
 * large, a backend that takes appends ahead gets it at once; its time is counted from when the one
 * before is back.
 *
 * Emits what became durable; errors with {@link SinkFailure} at the first failure, or when a step
 * takes longer than `commitTimeoutMs`; completes with its source once everything is durable.
 */
export function commitTo(config: CommitToConfig): OperatorFunction<Work, Durable> {
  return (source) =>
    new Observable((subscriber) => {
      const loop = new CommitLoop(config, subscriber);
      const error = (failure: unknown): void => subscriber.error(failure);
      subscriber.add(
        source.subscribe({
          next: (work) => loop.attempt(() => loop.push(work)),
          error,
          complete: () => loop.attempt(() => loop.finish()),
        }),
      );
      // Behind what upstream does itself: what it closes now goes out, too.
      const { demand, exhausted$ } = config;
      const begin$ = merge(demand.turnOver$, exhausted$);
      subscriber.add(begin$.subscribe({ next: () => loop.attempt(() => loop.begin()), error }));
      subscriber.add(() => demand.dispose());
    });
}

class CommitLoop {
  readonly #config: CommitToConfig;
  readonly #subscriber: Subscriber<Durable>;
  readonly #pending: Transactions;
  #watermark: Seq;
  /** What is under way, or about to be. */
  #step: "none" | "commit" | "anchor" | "failed" = "none";
  /** What the backend has got while the commit before it is out. */
  #ahead: HandedOver | undefined;
  /** Nothing is begun or handed over: what upstream gives comes together first. */
  #isHeld = false;
  #isFinishing = false;

  constructor(config: CommitToConfig, subscriber: Subscriber<Durable>) {
    this.#config = config;
    this.#subscriber = subscriber;
    this.#watermark = config.backend.watermark;
    this.#pending = new Transactions(config.transactionLimits);
  }

  /** What a step throws is a failure: from a plain observer it would be told to nobody. */
  attempt(step: () => void): void {
    try {
      step();
    } catch (failure) {
      // Whoever is told may end the source: nothing is begun any more.
      this.#step = "failed";
      this.#subscriber.error(failure);
    }
  }

  push(work: Work): void {
    this.#pending.push(work);
    if (this.#isHeld) return;
    // What else comes in this turn would have to wait until this is durable.
    if (this.#step === "none") this.#config.demand.beginAtEndOfTurn();
    else this.#startNext();
  }

  /** An idle sink takes what is there. */
  begin(): void {
    if (this.#step === "none" && !this.#isHeld) this.#wantAndStart();
  }

  finish(): void {
    this.#isFinishing = true;
    this.#startNext();
  }

  #wantAndStart(): void {
    // First upstream closes its window, then everything that is pending goes out. Behind what was
    // handed over already windows fill up.
    this.#isHeld = true;
    if (this.#ahead === undefined) this.#config.demand.want();
    this.#isHeld = false;
    this.#startNext();
  }

  #startNext(): void {
    if (this.#isHeld || this.#subscriber.closed) return;
    if (this.#step === "none") this.#start();
    // What was begun may have failed at once.
    if (this.#step === "commit" && this.#ahead === undefined) this.#handOverAhead();
  }

  #start(): void {
    const { demand } = this.#config;
    demand.isIdle = false;
    const next = this.#ahead ?? this.#take();
    this.#ahead = undefined;
    demand.isIdle = next === undefined;
    if (next === undefined) {
      if (this.#isFinishing) this.#subscriber.complete();
    } else if (next.kind === "anchor") this.#store(next);
    else if (next.kind === "handed over") this.#commit(next.transaction, next.ack$);
    else this.#commit(next);
  }

  /** A backend that may has something to do at once when it is done with the commit that is out. */
  #handOverAhead(): void {
    const { backend } = this.#config;
    if (backend.appendsAhead !== true || !this.#pending.isNextLarge) return;
    const next = this.#take();
    if (next?.kind !== "transaction") return;
    const ack$ = new AsyncSubject<Ack>();
    this.#ahead = { kind: "handed over", transaction: next, ack$ };
    this.#subscriber.add(
      defer(() => backend.append(framesOf(next)))
        .pipe(take(1))
        .subscribe(ack$),
    );
  }

  /** What comes next, without the anchors that nobody waits for any more. */
  #take(): Transaction | AnchorSubmission | undefined {
    // What is taken gives credit back, and that may bring more in: it waits its turn.
    this.#isHeld = true;
    let next = this.#pending.shift();
    while (next !== undefined) {
      this.#release(next);
      if (next.kind === "transaction" || !next.isCancelled) break;
      next = this.#pending.shift();
    }
    this.#isHeld = false;
    return next;
  }

  #release(taken: Transaction | AnchorSubmission): void {
    const { onTaken } = this.#config;
    if (taken.kind === "anchor") onTaken(1, taken.sizeBytes);
    else for (const { entries, sizeBytes } of taken.batches) onTaken(entries, sizeBytes);
  }

  /** @param ack$ - what the backend answers, if it was asked before. */
  #commit(transaction: Transaction, ack$?: ObservableInput<Ack>): void {
    const { backend, scheduler, memory } = this.#config;
    const { batches, bytes } = transaction;
    const frames = framesOf(transaction);
    const fromSeq = frames[0]?.fromSeq ?? 0;
    const toSeq = frames.at(-1)?.toSeq ?? 0;
    const startedAt = scheduler.now();
    this.#step = "commit";
    this.#await(
      () => from(ack$ ?? backend.append(frames)).pipe(tap((ack) => checkAck(ack, toSeq))),
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

  #store(submission: AnchorSubmission): void {
    const anchor: SnapshotAnchor = { highWatermark: this.#watermark, ...submission.snapshot };
    this.#step = "anchor";
    this.#await(
      () => this.#config.backend.recordSnapshotAnchor(anchor),
      () => this.#subscriber.next({ kind: "anchor", submission, anchor }),
    );
  }

  #await<Answer>(start: () => ObservableInput<Answer>, onAnswer: (answer: Answer) => void): void {
    const { scheduler, commitTimeoutMs, delivery } = this.#config;
    const answered = (answer: Answer): void => {
      if (this.#subscriber.closed) return;
      onAnswer(answer);
      this.#step = "none";
      this.#wantAndStart();
    };
    this.#subscriber.add(
      answerWithin(start, { timeoutMs: commitTimeoutMs, scheduler }).subscribe({
        next: (answer) => delivery.deliver(() => this.attempt(() => answered(answer))),
        error: (failure: unknown) => {
          this.#step = "failed";
          delivery.deliver(() => this.#subscriber.error(failure));
        },
      }),
    );
  }
}

function framesOf({ batches }: Transaction): readonly Frame[] {
  return batches.map(({ frame }) => frame);
}

/** An ack that proves something else than what was handed over proves nothing. */
function checkAck(ack: Ack, toSeq: Seq): void {
  if (ack.toSeq !== toSeq) {
    throw new BackendError(`Expected an ack up to seq ${toSeq}, got ${ack.toSeq}`);
  }
}
