import { Subscription, type SchedulerLike } from "rxjs";

/**
 * Calls back after a time, but not before whoever could still make it had a turn: a long
 * synchronous stretch of user code delays timers and answers alike, and must not be mistaken for a
 * slow disk. Cancelled by unsubscribing.
 */
export function afterFairly(
  scheduler: SchedulerLike,
  delayMs: number,
  callback: () => void,
): Subscription {
  const timer = new Subscription();
  const fire = (): void => {
    // Work that has run does not close by itself: whoever keeps the timer would keep it for ever.
    timer.unsubscribe();
    callback();
  };
  timer.add(scheduler.schedule(() => timer.add(scheduler.schedule(fire, 0)), delayMs));
  return timer;
}
