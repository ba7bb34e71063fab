import { concat, defer, EMPTY, Subject, takeUntil, type MonoTypeOperatorFunction } from "rxjs";
import { ClosedError } from "../model/errors.ts";

/** What is closed with a reader. */
interface Closeable {
  close(): Promise<void>;
}

/** Whether a reader is closed, for all that it has begun, and what is closed with it. */
export class Closing {
  readonly #closed = new Subject<void>();
  readonly #kept = new Set<Closeable>();
  #refusal: ClosedError | undefined;

  /** @throws {@link ClosedError} once it is closed. */
  check(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** Is closed with the reader, unless it is dropped before. */
  keep(what: Closeable): void {
    this.#kept.add(what);
  }

  drop(what: Closeable): void {
    this.#kept.delete(what);
  }

  /** Resolves once all that is kept is closed; rejects with what keeps it from that. */
  async close(): Promise<void> {
    // Who hears of it drops what it has read: that is waited for as well.
    const kept = [...this.#kept];
    this.#kept.clear();
    this.#refusal ??= new ClosedError("reader");
    this.#closed.next();
    await Promise.all(kept.map((what) => what.close()));
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
