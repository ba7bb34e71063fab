import { ProofThread } from "./ProofThread.ts";

/** The thread, and how many have a loan of it. */
let lent: { readonly thread: ProofThread; readonly borrowers: number } | undefined;

/**
 * A loan of the one thread of this process that proves frames for those who read: more of them would
 * take the processors from who trades. It starts with the first loan and ends with the last.
 */
export class ProofLoan {
  readonly #thread: ProofThread;
  #isOver = false;

  constructor() {
    const { thread, borrowers } = lent ?? { thread: startedThread(), borrowers: 0 };
    lent = { thread, borrowers: borrowers + 1 };
    this.#thread = thread;
  }

  /**
   * Whether the thread has proven some frames. If not they may be whole all the same: it may not have
   * started yet, be busy with those of others, or have died.
   */
  async areProven(frames: readonly Uint8Array[]): Promise<boolean> {
    if (this.#thread.isBusy) return false;
    try {
      return (await this.#thread.prove(frames)) === undefined;
    } catch {
      return false;
    }
  }

  /** Gives it back; a second call does nothing. */
  end(): void {
    if (this.#isOver || lent === undefined) return;
    this.#isOver = true;
    const { thread, borrowers } = lent;
    lent = borrowers === 1 ? undefined : { thread, borrowers: borrowers - 1 };
    if (lent === undefined) void thread.end();
  }
}

/** It is busy until it has started, so that nobody waits for that. */
function startedThread(): ProofThread {
  const thread = new ProofThread();
  void thread.prove([]).catch(() => undefined);
  return thread;
}
