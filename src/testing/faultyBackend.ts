import {
  asyncScheduler,
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  NEVER,
  take,
  tap,
  throwError,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
  type Subscribable,
} from "rxjs";
import type { Ack, Backend, Frame, PageOptions } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import {
  BackendError,
  CorruptedError,
  DiskError,
  FencedError,
  LockedError,
  type TidemarkError,
} from "../model/errors.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../model/manifest.ts";
import { checkInteger, checkScheduler, MAX_TIMER_MS } from "../model/options.ts";
import { checkFaults } from "./checkFaults.ts";
import type { Fault, FaultKind } from "./Fault.ts";

const ENOSPC = 28;
const MAX_APPENDING = 2;

const FAILURES: Readonly<Record<FaultKind, (epoch: number) => TidemarkError>> = {
  disk: () => new DiskError("A fault: no space left on device", ENOSPC),
  corrupted: () => new CorruptedError("A fault: what is stored is damaged"),
  error: () => new BackendError("A fault: the backend failed"),
  fenced: (epoch) => new FencedError(epoch, epoch + 1),
};

/** What {@link faultyBackend} does to a backend. */
export interface FaultyBackendConfig {
  /** How long each commit takes, milliseconds of the scheduler; default 0: at once. */
  readonly commitMs?: number;
  readonly faults?: readonly Fault[];
  /** Default `asyncScheduler`; the TestScheduler's own inside `TestScheduler.run`. */
  readonly scheduler?: SchedulerLike;
}

/**
 * A backend that takes its time and fails on demand, in virtual time if the scheduler is.
 *
 * A step that fails leaves nothing behind. One that takes time is handed to the backend when the
 * time is over, whether or not somebody still listens, and only then does it land: not if the
 * backend was closed or failed by then. A fault strikes whenever its step is tried. One append may
 * come before the last one is acknowledged, and its time begins when that one's is over.
 *
 * @throws {@link InvalidConfigError} for a time or a scheduler that is none, and for a fault that
 * would strike nowhere or do nothing.
 */
export function faultyBackend(backend: Backend, config: FaultyBackendConfig = {}): Backend {
  return new FaultyBackend(backend, config);
}

/** The faults of one step, taken together. */
interface Trouble {
  readonly delayMs: number;
  readonly neverSettles: boolean;
  readonly fail: FaultKind | undefined;
}

class FaultyBackend implements Backend {
  readonly appendsAhead = true;
  readonly failure$?: Subscribable<unknown>;
  readonly #backend: Backend;
  readonly #commitMs: number;
  readonly #faults: readonly Fault[];
  readonly #scheduler: SchedulerLike;
  /** Appends that are not acknowledged yet, and the answer of the last one. */
  #appending = 0;
  #lastAppend: Observable<Ack> = EMPTY;

  constructor(
    backend: Backend,
    { commitMs = 0, faults = [], scheduler = asyncScheduler }: FaultyBackendConfig,
  ) {
    checkInteger("commitMs", commitMs, 0, MAX_TIMER_MS);
    checkScheduler(scheduler);
    checkFaults(faults);
    if (backend.failure$ !== undefined) this.failure$ = backend.failure$;
    this.#backend = backend;
    this.#commitMs = commitMs;
    this.#faults = faults;
    this.#scheduler = scheduler;
  }

  get manifest(): RunManifest {
    return this.#backend.manifest;
  }

  get watermark(): Seq {
    return this.#backend.watermark;
  }

  get epoch(): number {
    return this.#backend.epoch;
  }

  append(frames: readonly Frame[]): ObservableInput<Ack> {
    if (this.#appending === MAX_APPENDING) {
      return throwError(() => new LockedError(`${MAX_APPENDING} appends are not acknowledged yet`));
    }
    this.#appending += 1;
    const append$ = defer(() => this.#append(frames));
    // Its time begins when that of the one before is over, whatever became of that.
    const before$ = this.#lastAppend.pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );
    const answer = new AsyncSubject<Ack>();
    this.#lastAppend = answer.asObservable();
    const settled = (): void => {
      this.#appending -= 1;
    };
    // Before anybody hears of it, who may append at once.
    concat(before$, append$)
      .pipe(take(1), tap({ complete: settled, error: settled }))
      .subscribe(answer);
    return this.#lastAppend;
  }

  #append(frames: readonly Frame[]): ObservableInput<Ack> {
    const fromSeq = frames[0]?.fromSeq ?? Infinity;
    const toSeq = frames.at(-1)?.toSeq ?? 0;
    const strikes = (fault: Fault): boolean =>
      "at" in fault && fromSeq <= fault.at && fault.at <= toSeq;
    return this.#suffer(
      troubleOf(this.#faults.filter(strikes), this.#commitMs),
      (failure) => failure ?? this.#backend.append(frames),
    );
  }

  recordSnapshotAnchor(anchor: SnapshotAnchor): ObservableInput<void> {
    return this.#suffer(
      this.#troubleOn("anchor"),
      (failure) => failure ?? this.#backend.recordSnapshotAnchor(anchor),
    );
  }

  finishing(): ObservableInput<void> {
    return this.#backend.finishing?.() ?? EMPTY;
  }

  seal(status: SealedStatus): ObservableInput<RunManifest> {
    return this.#suffer(
      this.#troubleOn("seal"),
      (failure) => failure ?? this.#backend.seal(status),
    );
  }

  refresh(): ObservableInput<Seq> {
    return this.#backend.refresh();
  }

  framesFrom(seq: Seq, options?: PageOptions): ObservableInput<readonly Uint8Array[]> {
    return this.#backend.framesFrom(seq, options);
  }

  lookup(kind: string, key: string): ObservableInput<Seq | undefined> {
    return this.#backend.lookup(kind, key);
  }

  indexKeys(kind: string, after?: string): ReturnType<Backend["indexKeys"]> {
    return this.#backend.indexKeys(kind, after);
  }

  indexKinds(after?: string): ReturnType<Backend["indexKinds"]> {
    return this.#backend.indexKinds(after);
  }

  latestSnapshotAnchor(): ObservableInput<SnapshotAnchor | undefined> {
    return this.#backend.latestSnapshotAnchor();
  }

  close(): ObservableInput<void> {
    return this.#backend.close();
  }

  fail(): void {
    this.#backend.fail?.();
  }

  #troubleOn(step: "anchor" | "seal"): Trouble {
    const strikes = (fault: Fault): boolean => "on" in fault && fault.on === step;
    return troubleOf(this.#faults.filter(strikes), 0);
  }

  /** Takes the step when its time is over; `settle` is told the failure instead if it must fail. */
  #suffer<T>(
    { delayMs, neverSettles, fail }: Trouble,
    settle: (failure: Observable<never> | undefined) => ObservableInput<T>,
  ): ObservableInput<T> {
    if (neverSettles) return NEVER;
    const failure = fail === undefined ? undefined : throwError(() => FAILURES[fail](this.epoch));
    if (delayMs === 0) return settle(failure);
    const answer = new AsyncSubject<T>();
    this.#scheduler.schedule(() => {
      defer(() => settle(failure)).subscribe(answer);
    }, delayMs);
    return answer.asObservable();
  }
}

function troubleOf(faults: readonly Fault[], baseMs: number): Trouble {
  const stallsMs = faults.map((fault) => ("stallMs" in fault ? fault.stallMs : 0));
  return {
    delayMs: stallsMs.reduce((sum, stallMs) => sum + stallMs, baseMs),
    neverSettles: faults.some((fault) => "never" in fault),
    fail: faults.find((fault) => "fail" in fault)?.fail,
  };
}
