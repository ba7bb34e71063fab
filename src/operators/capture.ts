import { Observable, Subscription } from "rxjs";
import type { MonoTypeOperatorFunction } from "rxjs";
import type { EntryDraft } from "../model/entry.ts";
import { HaltedError } from "../model/errors.ts";
import type { Writer } from "../model/Writer.ts";
import { failAtHalt } from "./failAtHalt.ts";
import { subscribeWithin } from "./subscribeWithin.ts";

/**
 * Hands a draft in for each item, then passes the item on at once: the log holds what happened in
 * the order in which it was acted upon, but may lose the last of it in a crash. Where an item must
 * not be acted upon before it is durable, use {@link record}.
 *
 * An item for which `toDraft` gives undefined passes unrecorded. Nothing is held here: what waits
 * is bounded by the run, which halts when too much does.
 *
 * - The run halts: the stream errors with {@link HaltedError} in that instant. Give it an error
 *   handler: without one, RxJS ends the process.
 * - The run is closed or abandoned: the next draft fails with `ClosedError`, and its item is not
 *   passed on; so does a draft that an abandon finds waiting in line.
 * - A draft is invalid or `toDraft` throws: the stream errors with that; the item is not passed on.
 * - The source completes or errors: at once the same, whether or not everything is durable.
 * - Downstream unsubscribes: nothing is withdrawn.
 *
 * @example
 * ```ts
 * bus$.pipe(capture(run, draftOf)).subscribe({ next: dispatch, error: stopTrading });
 * ```
 * @param toDraft - what to record of an item; the draft is captured when the item arrives.
 * @returns an operator that records anew for each subscription.
 */
export function capture<T>(
  run: Writer,
  toDraft: (item: T) => EntryDraft | undefined,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      const upstream = new Subscription();
      const fail = (error: unknown): void => {
        upstream.unsubscribe();
        subscriber.error(error);
      };
      // `append$` is the one verb that tells of a refusal before the item is passed on; not of one by
      // a halt that is raised while the run delivers something, which is told after that.
      const appending = {
        error: (error: unknown): void => {
          // Of a halt the stream hears when everyone has: failAtHalt.
          if (error instanceof HaltedError) upstream.unsubscribe();
          else fail(error);
        },
      };

      subscriber.add(upstream);
      failAtHalt(run, subscriber, () => upstream.unsubscribe());
      subscribeWithin(upstream, source, {
        next: (item) => {
          try {
            const draft = toDraft(item);
            // Outside the life of the subscriber: whoever leaves withdraws nothing.
            if (draft !== undefined) run.append$(draft).subscribe(appending);
          } catch (error) {
            fail(error);
          }
          if (!upstream.closed) subscriber.next(item);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
