import { defer, EMPTY, lastValueFrom, noop, ReplaySubject, Subscription, throwIfEmpty } from "rxjs";
import type { Seq } from "../model/entry.ts";
import { ClosedError, HaltedError, OverflowError, type TidemarkError } from "../model/errors.ts";
import type { HaltCause, HaltReason } from "../model/halt.ts";
import type { RunManifest } from "../model/manifest.ts";
import { AnchorDesk } from "./AnchorDesk.ts";
import { SinkFailure } from "./answerWithin.ts";
import { BackpressuredSubject } from "./BackpressuredSubject.ts";
import type { Durable } from "./commitTo.ts";
import { endOfLog, type EndOfLog } from "./endOfLog.ts";
import { errorOfHalt, haltCauseOf } from "./haltCauseOf.ts";
import { makeDurable, type PipelineConfig } from "./makeDurable.ts";
import { PendingAppends } from "./PendingAppends.ts";
import { RunSignals } from "./RunSignals.ts";
import { SerialDelivery } from "./SerialDelivery.ts";
import type { DraftSubmission, Submission } from "./Submission.ts";

type State = "open" | "closing" | "closed" | "abandoning" | "abandoned" | "halted";

/**
 * The life of a writer: open, then closed, abandoned or halted, and what each of them does to those
 * who wait. The way of the drafts itself is {@link makeDurable}.
 */
export class WriterCore {
  readonly signals: RunSignals;
  readonly #config: PipelineConfig;
  readonly #subject: BackpressuredSubject<Submission>;
  readonly #delivery = new SerialDelivery();
  readonly #appends = new PendingAppends();
  readonly #anchors: AnchorDesk;
  readonly #pipeline = new Subscription();
  /** What the backend tells of failures by itself. */
  readonly #failures = new Subscription();
  readonly #settled = new ReplaySubject<RunManifest>(1);
  #state: State = "open";
  #reason: HaltReason | undefined;
  #refusal: TidemarkError | undefined;
  #failure: HaltedError | undefined;
  #closing: Promise<RunManifest> | undefined;
  #durable: Seq;
  #accepted: Seq;

  constructor(config: PipelineConfig) {
    const { backend, options, scheduler } = config;
    this.#config = config;
    this.#durable = backend.watermark;
    this.#accepted = backend.watermark;
    this.signals = new RunSignals(backend.watermark, this.#delivery);
    this.#anchors = new AnchorDesk({
      haltThresholdMs: options.haltThresholdMs,
      scheduler,
      onStall: (stalledForMs) => this.#stalled(stalledForMs),
    });
    this.#subject = new BackpressuredSubject<Submission>({
      capacity: options.queueCapacity,
      capacityBytes: options.queueBytes,
      maxWaiting: options.maxWaiting,
      maxWaitingBytes: options.maxWaitingBytes,
      stallAfterMs: options.haltThresholdMs,
      sizeOf: (submission) => submission.sizeBytes,
      scheduler,
    });
    this.#connect();
  }

  get accepted(): Seq {
    return this.#accepted;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /**
   * Why nothing is taken any more: one error for all who ask, since a source that does not look
   * may ask a million times in one turn.
   */
  refusal(): TidemarkError {
    this.#refusal ??= new ClosedError();
    return this.#refusal;
  }

  /** Why the backend must not be touched any more, not even to read it. */
  get failure(): HaltedError | undefined {
    return this.#failure;
  }

  /** Whether so many bytes could be accepted at once. */
  hasRoomFor(bytes: number): boolean {
    return this.#subject.hasRoomFor(bytes);
  }

  /** Hands a draft in if it can be accepted at once. */
  offer(submission: DraftSubmission): boolean {
    if (!this.isOpen) return false;
    this.#delivery.enter();
    try {
      return this.#subject.offer(submission);
    } finally {
      this.#delivery.leave();
    }
  }

  /** Hands a draft or an anchor in; its waiter is told what becomes of it. */
  handIn(submission: Submission): void {
    // To capture it ran the user's code, a clock or a getter, which may have ended the run.
    if (!this.isOpen) return this.#refuse([submission], this.refusal());
    this.#delivery.hold(() => {
      if (submission.kind === "anchor") this.#anchors.open(submission);
      try {
        this.#subject.next(submission);
      } catch (failure) {
        if (!(failure instanceof OverflowError)) throw failure;
        const { maxWaiting, maxWaitingBytes } = failure;
        const bytes = maxWaitingBytes === undefined ? {} : { maxWaitingBytes };
        this.#halt({ kind: "overflow", maxWaiting, ...bytes });
        if (submission.kind === "draft") this.#refuse([submission], this.refusal());
      }
    });
  }

  /** Commits everything, then the last draft, and seals. */
  close(last: DraftSubmission | undefined): Promise<RunManifest> {
    // Who is told something by this very call may close too, before it has returned.
    if (this.#state !== "open") return this.#closing ?? Promise.reject(this.refusal());
    this.#state = "closing";
    this.#closing = lastValueFrom(this.#settled.pipe(throwIfEmpty(() => this.refusal())));
    this.#announceEnd();
    this.#delivery.hold(() => this.#subject.complete(last));
    return this.#closing;
  }

  /** Commits what was accepted and lets go. */
  abandon(): Promise<void> {
    const settled = lastValueFrom(this.#settled, { defaultValue: undefined }).then(noop, noop);
    if (this.#state === "open") {
      this.#state = "abandoning";
      this.#delivery.hold(() => {
        const inLine = this.#subject.clearWaiting();
        for (const submission of inLine) {
          if (submission.kind === "anchor") this.#anchors.cancel(submission);
        }
        this.#refuse(inLine, this.refusal());
        this.#subject.complete();
      });
    }
    return settled;
  }

  /** What it brings is the backend's to use: nothing waits for it, and nothing fails with it. */
  #announceEnd(): void {
    const { backend } = this.#config;
    const finishing$ = defer(() => backend.finishing?.() ?? EMPTY);
    this.#pipeline.add(finishing$.subscribe({ error: noop }));
  }

  #connect(): void {
    const durable$ = this.#subject.asObservable().pipe(
      makeDurable(this.#config, {
        subject: this.#subject,
        delivery: this.#delivery,
        accept: (submission) => this.#accept(submission),
      }),
    );
    this.#pipeline.add(
      durable$.subscribe({
        next: (durable) => this.#tell(durable),
        error: (failure: unknown) => this.#fail(failure),
        // First everyone is told of the last commit.
        complete: () => this.#delivery.deliver(() => this.#drained()),
      }),
    );
    const { stall$, pressure$ } = this.#subject;
    const { failure$ } = this.#config.backend;
    const error = (failure: unknown): void => this.#fail(failure);
    this.#failures.add(failure$?.subscribe({ next: error, error }));
    this.#pipeline.add(this.#failures);
    this.#pipeline.add(stall$.subscribe({ next: (waitedMs) => this.#stalled(waitedMs), error }));
    this.#pipeline.add(
      pressure$.subscribe({
        next: (pressure) => this.#delivery.deliver(() => this.signals.pressure(pressure)),
        error,
      }),
    );
  }

  #accept(submission: Submission): void {
    if (submission.kind === "anchor") {
      this.#anchors.accepted(submission);
      return;
    }
    this.#accepted += 1;
    const { waiter } = submission;
    waiter?.accepted?.(this.#accepted);
    if (waiter?.durable !== undefined) this.#appends.add(this.#accepted, waiter);
  }

  #tell(durable: Durable): void {
    if (durable.kind === "anchor") {
      this.#delivery.deliver(() => this.#anchors.stored(durable.submission, durable.anchor));
      return;
    }
    const { commit } = durable;
    const queuedEntries = this.#accepted - commit.toSeq;
    this.#durable = commit.toSeq;
    this.#delivery.deliver(() => {
      this.signals.committed({ ...commit, queuedEntries });
      this.#appends.settle(commit.toSeq);
    });
  }

  #stalled(stalledForMs: number): void {
    // While closing, only a commit that hangs counts.
    if (this.#state !== "open") return;
    const thresholdMs = this.#config.options.haltThresholdMs;
    this.#halt({ kind: "backpressure-stall", stalledForMs, thresholdMs });
  }

  /** The sink failed: the first time that is the halt, later it ends the drain after one. */
  #fail(failure: unknown): void {
    const cause = failure instanceof SinkFailure ? failure.halt : haltCauseOf(failure);
    if (this.#reason === undefined) this.#halt(cause);
    else this.#letGo(new HaltedError(this.#reason));
  }

  #halt(cause: HaltCause): void {
    const drains = cause.kind === "backpressure-stall" || cause.kind === "overflow";
    const reason: HaltReason = {
      ...cause,
      lastDurableSeq: this.#durable,
      lostEntries: drains ? 0 : this.#accepted - this.#durable,
    };
    this.#reason = reason;
    const refusal = new HaltedError(reason);
    this.#refusal = refusal;
    this.#state = "halted";
    // Held, so that the halt is told before the change of pressure that emptying the line raises.
    const refused = this.#delivery.hold(() => {
      this.#delivery.deliver(() => this.signals.halted(reason));
      const drafts = this.#subject.clearWaiting().filter(({ kind }) => kind === "draft");
      return [...drafts, ...this.#anchors.cancelAll()];
    });
    this.#refuse(refused, refusal);
    if (drains) this.#delivery.deliver(() => this.#subject.complete());
    else this.#letGo(refusal);
  }

  /** The backend is not touched any more, and those who wait for it are told. */
  #letGo(error: HaltedError): void {
    this.#failure = error;
    this.#disconnect(true);
    this.#delivery.deliver(() => this.#appends.fail(error));
    this.#finish();
  }

  /** Hears nothing more of the backend. Goes on whatever it throws: somebody waits for the end. */
  #disconnect(hasFailed: boolean): void {
    attempt(() => this.#pipeline.unsubscribe());
    if (hasFailed) attempt(() => this.#config.backend.fail?.());
  }

  #refuse(submissions: readonly Submission[], error: TidemarkError): void {
    this.#delivery.deliver(() => {
      for (const { waiter } of submissions) waiter?.failed(error);
    });
  }

  /** Everything that was accepted is durable. */
  #drained(): void {
    const { backend, options, scheduler } = this.#config;
    // From here on every failure is the answer to a step.
    this.#failures.unsubscribe();
    const isSealed = this.#state === "closing";
    const end$ = endOfLog(backend, { isSealed, timeoutMs: options.commitTimeoutMs, scheduler });
    this.#pipeline.add(
      end$.subscribe({
        next: (end) => this.#ended(end),
        error: (failure: unknown) => this.#fail(failure),
      }),
    );
  }

  #ended({ manifest, failure }: EndOfLog): void {
    if (this.#state === "closing") this.#state = "closed";
    if (this.#state === "abandoning") this.#state = "abandoned";
    this.#disconnect(failure !== undefined);
    this.#finish(manifest, failure);
  }

  #finish(manifest?: RunManifest, failure?: unknown): void {
    this.#delivery.deliver(() => {
      this.signals.finish();
      if (failure instanceof SinkFailure) this.#settled.error(errorOfHalt(failure.halt));
      else if (manifest !== undefined) this.#settled.next(manifest);
      this.#settled.complete();
    });
  }
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // How the run ended is known already, and that is what is told.
  }
}
