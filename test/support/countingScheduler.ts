import { Subscription } from "rxjs";
import type { SchedulerAction, SchedulerLike } from "rxjs";

/** A scheduler that knows what was asked of it. */
export interface CountingScheduler extends SchedulerLike {
  /** How often something was scheduled. */
  readonly scheduled: number;
  /** How much of that has neither run nor been cancelled. */
  readonly open: number;
}

/** Counts what is scheduled on another scheduler. */
export function countingScheduler(inner: SchedulerLike): CountingScheduler {
  let scheduled = 0;
  let open = 0;
  return {
    get scheduled() {
      return scheduled;
    },
    get open() {
      return open;
    },
    now: () => inner.now(),
    schedule<T>(
      work: (this: SchedulerAction<T>, state?: T) => void,
      delay?: number,
      state?: T,
    ): Subscription {
      scheduled += 1;
      open += 1;
      const waiting = new Subscription(() => (open -= 1));
      const action = inner.schedule<T>(
        function (this: SchedulerAction<T>, given?: T) {
          waiting.unsubscribe();
          work.call(this, given);
        },
        delay,
        state,
      );
      action.add(waiting);
      return action;
    },
  };
}
