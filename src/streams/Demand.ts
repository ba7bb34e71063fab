import { Subject, type Observable } from "rxjs";

/** What the sink tells upstream: whether it is idle, and when it wants what is there. */
export class Demand {
  readonly #wanted = new Subject<void>();
  /** Nothing is being committed and nothing waits for it. */
  isIdle = true;

  /** The sink came back from a commit and takes whatever is there. */
  readonly wanted$: Observable<void> = this.#wanted.asObservable();

  want(): void {
    this.#wanted.next();
  }
}
