import {
  defer,
  from,
  Observable,
  take,
  throwIfEmpty,
  type ObservableInput,
  type SchedulerLike,
} from "rxjs";
import { BackendError } from "../model/errors.ts";
import type { HaltCause } from "../model/halt.ts";
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
    subscriber.add(
      defer(() => from(start()))
        .pipe(
          take(1),
          throwIfEmpty(() => new BackendError("The backend gave no answer")),
        )
        .subscribe({
          next: (answer) => subscriber.next(answer),
          error: (failure: unknown) => subscriber.error(new SinkFailure(haltCauseOf(failure))),
          complete: () => subscriber.complete(),
        }),
    );
  });
}
