import { ProofThread } from "./ProofThread.ts";

/** How long the thread waits for more before it ends. */
const IDLE_MS = 5_000;

/** A thread, as it is used here. */
export type Prover = Pick<ProofThread, "isBusy" | "prove" | "end">;

/**
 * Frames proven on a thread, for all who ask: one at a time, and the others do without. The thread
 * starts when it is first asked for, ends when nobody has asked for a while, and is a help and no need.
 */
export class SharedProofs {
  readonly #idleMs: number;
  readonly #start: () => Prover;
  #thread: Prover | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** It could not be started, and nobody tries again. */
  #isAlone = false;

  constructor(idleMs: number = IDLE_MS, start: () => Prover = () => new ProofThread()) {
    this.#idleMs = idleMs;
    this.#start = start;
  }

  /**
   * Whether the thread has proven some frames, whose bytes must stay as they are. If not they may be
   * whole all the same: it may not have started yet, be busy, or have died. Rejects nothing.
   */
  async areProven(frames: readonly Uint8Array[]): Promise<boolean> {
    this.#thread ??= this.#isAlone ? undefined : this.#started();
    const thread = this.#thread;
    if (thread === undefined || thread.isBusy) return false;
    clearTimeout(this.#idle);
    try {
      return await thread.prove(frames);
    } catch {
      this.#forget(thread);
      return false;
    } finally {
      this.#endLater(thread);
    }
  }

  /** It is busy until it has started, so that nobody waits for that. */
  #started(): Prover | undefined {
    try {
      const thread = this.#start();
      thread.prove([]).then(
        () => this.#endLater(thread),
        () => {
          this.#isAlone = true;
          this.#forget(thread);
        },
      );
      return thread;
    } catch {
      this.#isAlone = true;
      return undefined;
    }
  }

  #endLater(thread: Prover): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#forget(thread);
      void thread.end();
    }, this.#idleMs).unref();
  }

  #forget(thread: Prover): void {
    if (this.#thread === thread) this.#thread = undefined;
  }
}

/** Those of this process: more threads would take the processors from who trades. */
export const sharedProofs: SharedProofs = new SharedProofs();
