import { Observable, type Subscriber } from "rxjs";

/**
 * What a Subject does, for the one place where every entry passes: without a function per value,
 * which costs as much as everything else that a value meets there.
 */
export class Multicast<T> {
  /** Replaced, never changed: whoever comes or goes during a delivery does not disturb it. */
  #subscribers: readonly Subscriber<T>[] = [];
  #isComplete = false;

  /** Hot, no replay; completes with `complete`, at once for who comes after that. */
  readonly values$: Observable<T> = new Observable((subscriber) => {
    if (this.#isComplete) {
      subscriber.complete();
      return;
    }
    this.#subscribers = [...this.#subscribers, subscriber];
    subscriber.add(() => {
      this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    });
  });

  next(value: T): void {
    for (const subscriber of this.#subscribers) subscriber.next(value);
  }

  complete(): void {
    this.#isComplete = true;
    for (const subscriber of this.#subscribers) subscriber.complete();
  }
}
