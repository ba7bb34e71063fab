import { setImmediate } from "node:timers/promises";

/** How long one may go on before others have their turn: timers fire, and commits return. */
const TURN_MS = 1;

/**
 * The turns of whoever takes one step after the other. To give up a turn costs as much as a short
 * step: so that is done by the clock and not by the step.
 */
export class Turns {
  #untilMs = 0;

  /** Resolves within the turn that was taken, as long as it lasts; then when others have had theirs. */
  async next(): Promise<void> {
    if (performance.now() < this.#untilMs) return;
    await setImmediate();
    this.#untilMs = performance.now() + TURN_MS;
  }
}
