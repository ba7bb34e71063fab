import { Observable } from "rxjs";
import type { Observer, Subscription } from "rxjs";

/**
 * Subscribes an operator to its source within the life of another subscription.
 *
 * `owner.add(source.subscribe(observer))` would come too late for a source that emits while it is
 * subscribed to: nothing could stop it. Here the owner holds the subscription before the source
 * knows of it.
 *
 * @internal
 */
export function subscribeWithin<T>(
  owner: Subscription,
  source: Observable<T>,
  observer: Observer<T>,
): void {
  if (owner.closed) return;
  new Observable<T>((inner) => {
    owner.add(inner);
    source.subscribe(inner);
  }).subscribe(observer);
}
