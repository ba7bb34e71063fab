const MS_PER_SECOND = 1000;

/** How fast one piece of work goes, from where it began: what was done before costs no time. */
export class Pace {
  readonly #startMs: number;
  readonly #startDone: number;
  readonly #total: number;
  #done: number;

  constructor(done: number, total: number, nowMs: number) {
    this.#startMs = nowMs;
    this.#startDone = done;
    this.#done = done;
    this.#total = total;
  }

  /** Whether this is still the same work: it goes forward, and there is as much of it. */
  isOf(done: number, total: number): boolean {
    return done >= this.#done && total === this.#total;
  }

  /** How far it is now; gives how many a second that makes. */
  perSecond(done: number, nowMs: number): number {
    this.#done = done;
    const seconds = Math.max(nowMs - this.#startMs, 1) / MS_PER_SECOND;
    return Math.round((done - this.#startDone) / seconds);
  }
}
