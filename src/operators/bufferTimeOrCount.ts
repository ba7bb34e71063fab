import { asyncScheduler, from, NEVER, Observable, Subscription } from "rxjs";
import type { ObservableInput, OperatorFunction, SchedulerLike } from "rxjs";
import { InvalidConfigError } from "../model/errors.ts";
import { checkInteger, checkScheduler, MAX_TIMER_MS } from "../model/options.ts";
import { subscribeWithin } from "./subscribeWithin.ts";

/** When a batch of {@link bufferTimeOrCount} closes: whichever comes first. */
export interface BufferTimeOrCountConfig {
  /** How long the first item of a batch waits for company, 0 to 2 147 483 647 ms. */
  readonly maxWaitMs: number;
  /** Items of one batch, from 1. */
  readonly maxCount: number;
  /** Each value closes the open batch. Its completion is ignored, its error ends the stream. */
  readonly closeOn?: ObservableInput<unknown>;
  /** The only clock; default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Gathers items into batches that close on count or on age.
 *
 * The window opens with the first item of a batch and is not extended by later ones. A batch is
 * never empty, and there is no timer while none is open, so an idle stream costs nothing. When the
 * source completes or errors, or `closeOn` errors, the open batch is emitted first. When downstream
 * unsubscribes, it is dropped. At most `maxCount` items are held.
 *
 *     source                           a-b--------c-d-e-f---|
 *     maxWaitMs 5, maxCount 3          -----x---------y-----(z|)     x = [a, b], y = [c, d, e]
 *
 * @example
 * ```ts
 * fills$.pipe(bufferTimeOrCount({ maxWaitMs: 5, maxCount: 100 }), concatMap(store));
 * ```
 * @returns an operator whose state is kept per subscription: it can be used any number of times.
 * @throws {@link InvalidConfigError} for an argument out of bounds.
 */
export function bufferTimeOrCount<T>(config: BufferTimeOrCountConfig): OperatorFunction<T, T[]> {
  const { maxWaitMs, maxCount, scheduler = asyncScheduler } = config;
  checkInteger("maxWaitMs", maxWaitMs, 0, MAX_TIMER_MS);
  checkInteger("maxCount", maxCount, 1, Number.MAX_SAFE_INTEGER);
  checkScheduler(scheduler);
  const closeOn = closeOnOf(config);

  return (source) =>
    new Observable((subscriber) => {
      let batch: T[] = [];
      let timer: Subscription | undefined;
      const upstream = new Subscription();

      const close = (): void => {
        timer?.unsubscribe();
        timer = undefined;
        if (batch.length === 0) return;
        // Downstream may push into the source from within next: that item opens a batch of its own.
        const closed = batch;
        batch = [];
        subscriber.next(closed);
      };
      const startTimer = (): void => {
        const opened = batch;
        try {
          const scheduled = scheduler.schedule(close, maxWaitMs);
          // A scheduler may run its work at once, and then this batch is closed already.
          if (batch === opened) timer = scheduled;
        } catch (failure) {
          error(failure);
        }
      };
      const end = (notify: () => void): void => {
        upstream.unsubscribe();
        close();
        notify();
      };
      const error = (reason: unknown): void => end(() => subscriber.error(reason));

      subscriber.add(upstream);
      subscriber.add(() => {
        timer?.unsubscribe();
        batch = [];
      });
      subscribeWithin(upstream, closeOn, { next: close, error, complete: () => {} });
      subscribeWithin(upstream, source, {
        next: (item) => {
          batch.push(item);
          if (batch.length >= maxCount) close();
          else if (batch.length === 1) startTimer();
        },
        error,
        complete: () => end(() => subscriber.complete()),
      });
    });
}

function closeOnOf({ closeOn }: BufferTimeOrCountConfig): Observable<unknown> {
  if (closeOn === undefined) return NEVER;
  try {
    return from(closeOn);
  } catch (cause) {
    throw new InvalidConfigError("closeOn", "an ObservableInput", closeOn, { cause });
  }
}
