import { from, Observable, type ObservableInput, type SchedulerLike } from "rxjs";
import { BackendError } from "../model/errors.ts";
import type { HaltCause } from "../model/halt.ts";
import { subscribeWithin } from "../operators/subscribeWithin.ts";
import { afterFairly } from "./afterFairly.ts";
import { haltCauseOf } from "./haltCauseOf.ts";

/** The backend failed or hangs, and with it the writer: nothing is tried again. */
export class SinkFailure extends Error {
  readonly halt: HaltCause;

  constructor(halt: HaltCause) {
    super(halt.kind);
    this.halt = halt;
  }
}

/**
 * One step of a backend: emits its one answer and completes, or errors with {@link SinkFailure}
 * when it fails, gives no answer or takes longer than `timeoutMs`. Cold: starts when subscribed.
 */
export function answerWithin<Answer>(
  start: () => ObservableInput<Answer>,
  config: { readonly timeoutMs: number; readonly scheduler: SchedulerLike },
): Observable<Answer> {
  const { timeoutMs, scheduler } = config;
  return new Observable((subscriber) => {
    const startedAt = scheduler.now();
    const hang = (): void => {
      const stalledForMs = Math.max(timeoutMs, scheduler.now() - startedAt);
      subscriber.error(
        new SinkFailure({ kind: "commit-stall", stalledForMs, thresholdMs: timeoutMs }),
      );
    };
    subscriber.add(afterFairly(scheduler, timeoutMs, hang));
    // Operators would say the same in two lines, and take as long as all else that a commit does here.
    const fail = (failure: unknown): void =>
      subscriber.error(new SinkFailure(haltCauseOf(failure)));
    let answer$: Observable<Answer>;
    try {
      answer$ = from(start());
    } catch (failure) {
      fail(failure);
      return;
    }
    if (subscriber.closed) {
      // The start has ended the wait; what comes of it is nobody's, and must not end the process.
      answer$.subscribe({ error: () => {} });
      return;
    }
    subscribeWithin(subscriber, answer$, {
      next: (answer) => {
        subscriber.next(answer);
        subscriber.complete();
      },
      error: fail,
      // After an answer this is told to nobody.
      complete: () => fail(new BackendError("The backend gave no answer")),
    });
  });
}
