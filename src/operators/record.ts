import { Observable, Subscription } from "rxjs";
import type { MonoTypeOperatorFunction, OperatorFunction } from "rxjs";
import type { EntryDraft, Seq } from "../model/entry.ts";
import { HaltedError, OverflowError } from "../model/errors.ts";
import { DEFAULT_WRITER_OPTIONS } from "../model/options.ts";
import type { Writer } from "../model/Writer.ts";
import { failAtHalt } from "./failAtHalt.ts";
import { InOrder } from "./InOrder.ts";
import { subscribeWithin } from "./subscribeWithin.ts";

/** Items without a draft that may wait behind recorded ones: as many as drafts may by default. */
const MAX_UNRECORDED = DEFAULT_WRITER_OPTIONS.maxWaiting;

/**
 * The write-ahead gate: hands a draft in for each item at once, and lets the item through, in
 * order, only when its entry is durable. Put it before whatever acts on the outside world.
 *
 *     source    a-b-c-----|
 *     durable   ----b-------c
 *     result    ----(ab)----(c|)
 *
 * An item for which `toDraft` gives undefined passes unrecorded: at once when nothing is pending,
 * else in its place. At most 100 000 such items wait; one more fails with {@link OverflowError}.
 * The others are bounded by the run, which halts when too much waits.
 *
 * - The run halts: the stream errors with {@link HaltedError} in that instant. Pending items are
 *   dropped, even if their entries become durable later. Give the stream an error handler: without
 *   one, RxJS ends the process.
 * - The run is closed or abandoned: what was accepted is still let through; the next draft fails
 *   with `ClosedError`.
 * - A draft is invalid or a callback throws: pending items first, then that error.
 * - The source completes or errors: pending items first, then the same.
 * - Downstream unsubscribes: nothing is withdrawn, what was handed in will be in the log.
 *
 * `takeUntil(run.halt$)` is no such gate: an item of the same instant passes it.
 *
 * @example
 * ```ts
 * orders$.pipe(record(run, draftOf)).subscribe({ next: send, error: stopTrading });
 * ```
 * @param toDraft - what to record of an item; the draft is captured when the item arrives.
 * @param project - shapes what is let through; the seq is undefined for an unrecorded item.
 * @returns an operator that records anew for each subscription.
 */
export function record<T>(
  run: Writer,
  toDraft: (item: T) => EntryDraft | undefined,
): MonoTypeOperatorFunction<T>;
export function record<T, R>(
  run: Writer,
  toDraft: (item: T) => EntryDraft | undefined,
  project: (item: T, seq: Seq | undefined) => R,
): OperatorFunction<T, R>;
export function record<T, R>(
  run: Writer,
  toDraft: (item: T) => EntryDraft | undefined,
  project?: (item: T, seq: Seq | undefined) => R,
): OperatorFunction<T, T | R> {
  return (source) =>
    new Observable((subscriber) => {
      const upstream = new Subscription();
      const inOrder = new InOrder((error) => {
        upstream.unsubscribe();
        subscriber.error(error);
      });
      let unrecorded = 0;

      const letThrough = (item: T, seq: Seq | undefined): void =>
        subscriber.next(project === undefined ? item : project(item, seq));

      const take = (item: T): void => {
        const settle = inOrder.reserve();
        const fail = (error: unknown): void => {
          upstream.unsubscribe();
          settle(() => subscriber.error(error));
        };
        let durable$: Observable<Seq> | undefined;
        try {
          const draft = toDraft(item);
          if (draft !== undefined) durable$ = run.append$(draft);
        } catch (error) {
          return fail(error);
        }
        if (durable$ !== undefined) {
          // Outside the life of the subscriber: whoever leaves withdraws nothing.
          durable$.subscribe({
            next: (seq) => settle(() => letThrough(item, seq)),
            error: (error: unknown) => {
              // Of a halt the stream hears when everyone has: failAtHalt.
              if (error instanceof HaltedError) upstream.unsubscribe();
              else fail(error);
            },
          });
          return;
        }
        if (unrecorded === MAX_UNRECORDED) return fail(new OverflowError(MAX_UNRECORDED));
        unrecorded += 1;
        settle(() => {
          unrecorded -= 1;
          letThrough(item, undefined);
        });
      };

      subscriber.add(upstream);
      subscriber.add(() => inOrder.clear());
      failAtHalt(run, subscriber, () => {
        upstream.unsubscribe();
        inOrder.clear();
      });
      subscribeWithin(upstream, source, {
        next: take,
        error: (error: unknown) => inOrder.reserve()(() => subscriber.error(error)),
        complete: () => inOrder.reserve()(() => subscriber.complete()),
      });
    });
}
