import { Subject, type Observable, type SchedulerLike, type Subscription } from "rxjs";

/**
 * What passes between the sink and those before it: whether it is idle, when it is to begin, and when
 * it wants what is there.
 */
export class Demand {
  readonly #endOfTurn: SchedulerLike;
  readonly #wanted = new Subject<void>();
  readonly #turnOver = new Subject<void>();
  #turn: Subscription | undefined;
  /** Nothing is being committed. */
  isIdle = true;

  /** The sink takes whatever is there. */
  readonly wanted$: Observable<void> = this.#wanted.asObservable();

  /** The turn is over in which something came while the sink was idle. */
  readonly turnOver$: Observable<void> = this.#turnOver.asObservable();

  /** @param endOfTurn - runs its work when the current turn of the event loop is over. */
  constructor(endOfTurn: SchedulerLike) {
    this.#endOfTurn = endOfTurn;
  }

  want(): void {
    this.#wanted.next();
  }

  /**
   * Something comes: an idle sink begins when the turn is over, with all that came in it.
   *
   * @returns whether it is over already: a scheduler may run its work at once.
   */
  beginAtEndOfTurn(): boolean {
    if (!this.isIdle || this.#turn !== undefined) return false;
    let isOver = false;
    const turn = this.#endOfTurn.schedule(() => {
      isOver = true;
      this.#turn = undefined;
      this.#turnOver.next();
    }, 0);
    if (!isOver) this.#turn = turn;
    return isOver;
  }

  dispose(): void {
    this.#turn?.unsubscribe();
  }
}
