import { concat, defer, EMPTY, Subject, takeUntil, type MonoTypeOperatorFunction } from "rxjs";
import { ClosedError } from "../model/errors.ts";

/** Whether a reader is closed, for all that it has begun. */
export class Closing {
  readonly #closed = new Subject<void>();
  #refusal: ClosedError | undefined;

  /** @throws {@link ClosedError} once it is closed. */
  check(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  close(): void {
    this.#refusal ??= new ClosedError("reader");
    this.#closed.next();
  }

  /** Passes everything on, and errors with {@link ClosedError} at the moment it is closed. */
  ends<T>(): MonoTypeOperatorFunction<T> {
    return (source) =>
      concat(
        source.pipe(takeUntil(this.#closed)),
        defer(() => (this.check(), EMPTY)),
      );
  }
}
