import { Fifo } from "./Fifo.ts";

/**
 * Runs what users can see, one after the other. A task that is raised while another one runs, or
 * while the pipeline is in the middle of a step, waits until that is over: every subscriber has the
 * current value before the next one is raised, and nobody finds a half-done state.
 */
export class SerialDelivery {
  readonly #tasks = new Fifo<() => void>();
  #holds = 0;

  /** Runs the task now, or after whatever is being delivered or held. */
  deliver(task: () => void): void {
    this.#tasks.push(task);
    if (this.#holds === 0) this.#run();
  }

  /** Runs a step at once and delivers what it raises after it. */
  hold<Result>(step: () => Result): Result {
    this.enter();
    try {
      return step();
    } finally {
      this.leave();
    }
  }

  /** Begins a step, as `hold` does: for those who cannot afford a function per step. */
  enter(): void {
    this.#holds += 1;
  }

  /** Ends a step that was begun with `enter`, in a `finally`. */
  leave(): void {
    this.#holds -= 1;
    if (this.#holds === 0 && this.#tasks.length > 0) this.#run();
  }

  #run(): void {
    this.#holds += 1;
    try {
      for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task();
    } finally {
      this.#holds -= 1;
    }
  }
}
