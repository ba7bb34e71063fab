import {
  defer,
  EMPTY,
  finalize,
  of,
  ReplaySubject,
  share,
  tap,
  type Observable,
  type ObservableInput,
} from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import type { TidemarkError } from "../model/errors.ts";
import type { LogSource } from "./LogSource.ts";

/** Where a {@link LentLog} comes from, and when it must not be read. */
export interface LentLogConfig {
  readonly watermark: () => Seq;
  readonly watermark$: Observable<Seq>;
  /** Opens the log, at the first loan. */
  readonly open: () => ObservableInput<RunLog>;
  /** Why the log must not be touched any more, if so. */
  readonly refusal: () => TidemarkError | undefined;
}

/**
 * One log for all who read it: opened at the first loan, closed when it is done with and the last
 * loan is back.
 */
export class LentLog implements LogSource {
  readonly #config: LentLogConfig;
  readonly #log$: Observable<RunLog>;
  #log: RunLog | undefined;
  #loans = 0;
  #isOpening = false;
  #isDone: TidemarkError | undefined;
  readonly #closed = new ReplaySubject<void>(1);

  constructor(config: LentLogConfig) {
    this.#config = config;
    this.#log$ = defer(() => {
      this.#isOpening = true;
      return config.open();
    }).pipe(
      tap((log) => {
        this.#log = log;
      }),
      finalize(() => {
        // Whoever asked for it may have left meanwhile.
        this.#isOpening = false;
        this.#closeWhenBack();
      }),
      // Kept once it is open; an attempt that failed is made again by the next who asks.
      share({
        connector: () => new ReplaySubject(1),
        resetOnComplete: false,
        resetOnRefCountZero: false,
      }),
    );
  }

  get watermark(): Seq {
    return this.#config.watermark();
  }

  get watermark$(): Observable<Seq> {
    return this.#config.watermark$;
  }

  borrow(): Observable<RunLog> {
    return defer(() => {
      this.checkReadable();
      if (this.#isDone !== undefined) throw this.#isDone;
      const log$ = this.#log === undefined ? this.#log$ : of(this.#log);
      return log$.pipe(
        tap(() => {
          this.#loans += 1;
        }),
      );
    });
  }

  giveBack(): void {
    this.#loans -= 1;
    this.#closeWhenBack();
  }

  checkReadable(): void {
    const refusal = this.#config.refusal();
    if (refusal !== undefined) throw refusal;
  }

  /**
   * Nobody new may borrow the log: they get this error. Whoever has it reads to the end; then it is
   * closed, and what this returns completes, or errors where closing failed.
   */
  done(error: TidemarkError): Observable<void> {
    this.#isDone ??= error;
    this.#closeWhenBack();
    return this.#closed.asObservable();
  }

  #closeWhenBack(): void {
    if (this.#isDone === undefined || this.#loans > 0 || this.#isOpening) return;
    const log = this.#log;
    this.#log = undefined;
    // Also after a halt: it is not the writer's, and nobody else lets go of what it holds.
    defer(() => log?.close() ?? EMPTY).subscribe(this.#closed);
  }
}
