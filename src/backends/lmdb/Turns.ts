import { setImmediate } from "node:timers/promises";

/** How long one may go on before others have their turn: timers fire, and commits return. */
const TURN_MS = 1;

/**
 * The turns of all who take one step after the other in a process. To give up a turn costs as much as
 * a short step: so that is done by the clock and not by the step. Those who wait for the next turn have
 * it together, so that however many they are, it takes a millisecond and one step of each.
 */
export class Turns {
  #untilMs = 0;
  #next: Promise<void> | undefined;

  /** Resolves within the turn that was taken, as long as it lasts; then when others have had theirs. */
  async next(): Promise<void> {
    if (performance.now() < this.#untilMs) return;
    this.#next ??= this.#begin();
    await this.#next;
  }

  async #begin(): Promise<void> {
    await setImmediate();
    this.#next = undefined;
    this.#untilMs = performance.now() + TURN_MS;
  }
}
