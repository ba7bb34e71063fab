import { Worker } from "node:worker_threads";

/** Frames as they go to the thread: end to end, from the start of some memory. */
export interface PackedFrames {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly lengths: readonly number[];
}

/** What comes back: whether all of them hold, and the memory for the next ones. */
export interface ProofAnswer {
  readonly areProven: boolean;
  readonly memory: Uint8Array<ArrayBuffer>;
}

interface Waiting {
  readonly resolve: (areProven: boolean) => void;
  readonly reject: (failure: Error) => void;
}

/** What takes as long to prove as a thread takes to start, some times over. */
export const ALONE_BYTES: number = 32 * 2 ** 20;
/** Memory of more than some pages is not kept for the next ones. */
const MAX_KEPT_BYTES = 4 * 2 ** 20;

/** Our own tests and benchmarks run the source; whoever installed tidemark runs what it compiles to. */
const IS_SOURCE = import.meta.url.endsWith(".ts");

/** A thread that proves frames. It keeps the process running while it is asked, and no longer. */
export class ProofThread {
  readonly #worker = startWorker();
  #waiting: Waiting | undefined;
  /** To be used again: the system would have to clear new memory for every page. */
  #memory = new Uint8Array(0);
  /** Why the thread answers no more. */
  #failure: Error | undefined;

  /** @throws where the system gives no thread. */
  constructor() {
    this.#worker.unref();
    this.#worker.on("message", ({ areProven, memory }: ProofAnswer) => {
      this.#memory = memory.length > MAX_KEPT_BYTES ? new Uint8Array(0) : memory;
      this.#take()?.resolve(areProven);
    });
    this.#worker.on("messageerror", (failure) => this.#fail(failure));
    this.#worker.on("error", (failure) => this.#fail(failure));
    this.#worker.on("exit", () => this.#fail(new Error("The thread has ended")));
  }

  /** Whether it has been asked and has not answered. */
  get isBusy(): boolean {
    return this.#waiting !== undefined;
  }

  /**
   * Whether every byte and every entry of some frames holds; to be asked again only after the answer.
   * Rejects where the thread dies or has died.
   */
  prove(frames: readonly Uint8Array[]): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      const packed = this.#packed(frames);
      this.#worker.postMessage(packed, [packed.memory.buffer]);
      this.#worker.ref();
      this.#waiting = { resolve, reject };
    });
  }

  /** Ends the thread, whatever it is at. */
  async end(): Promise<void> {
    this.#fail(new Error("The thread was ended"));
    await this.#worker.terminate();
  }

  #packed(frames: readonly Uint8Array[]): PackedFrames {
    const lengths = frames.map(({ byteLength }) => byteLength);
    const byteLength = lengths.reduce((sum, length) => sum + length, 0);
    const memory = this.#memory.length < byteLength ? new Uint8Array(byteLength) : this.#memory;
    let at = 0;
    for (const frame of frames) {
      memory.set(frame, at);
      at += frame.byteLength;
    }
    return { memory, lengths };
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.#take()?.reject(this.#failure);
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    // Only what was asked for is waited for: an end that is under way holds the process by itself.
    if (waiting !== undefined) this.#worker.unref();
    return waiting;
  }
}

/**
 * From source it starts through a line of JavaScript that brings tsx along, since on Node 20 the
 * entry of a thread is not passed through its parent's loader.
 */
function startWorker(): Worker {
  // The flags of the process may be none for a thread (`--input-type`), and it needs none of them.
  const options = { name: "tidemark proof", execArgv: [] };
  if (!IS_SOURCE) return new Worker(new URL("./proofProgram.js", import.meta.url), options);
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const entry = JSON.stringify(new URL("./proofProgram.ts", import.meta.url).href);
  const bootstrap = `import(${loader}).then(({ register }) => { register(); return import(${entry}); });`;
  return new Worker(bootstrap, { ...options, eval: true });
}
