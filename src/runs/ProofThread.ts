import { Worker } from "node:worker_threads";
import type { Seq } from "../model/entry.ts";

/** Frames as they go to the thread: end to end, from the start of some memory. */
export interface PackedFrames {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly lengths: readonly number[];
}

/** What comes back: the memory, for the next frames, and the damage that was found. */
export interface ProofAnswer {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly damage: Damage | undefined;
}

/** What the thread has found. */
export interface Damage {
  readonly message: string;
  readonly seq?: Seq;
}

interface Waiting {
  readonly resolve: (damage: Damage | undefined) => void;
  readonly reject: (failure: Error) => void;
}

/** Our own tests and benchmarks run the source; whoever installed tidemark runs what it compiles to. */
const IS_SOURCE = import.meta.url.endsWith(".ts");

/** What takes as long to prove as a thread takes to start, some times over. */
export const ALONE_BYTES: number = 32 * 2 ** 20;

/** A thread that proves frames. It keeps the process running while it is asked, and no longer. */
export class ProofThread {
  readonly #worker = startWorker();
  #waiting: Waiting | undefined;
  /** To be used again: the system would have to clear new memory for every page. */
  #memory = new Uint8Array(0);
  /** Why the thread answers no more. */
  #failure: Error | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", ({ memory, damage }: ProofAnswer) => {
      this.#memory = memory;
      this.#take()?.resolve(damage);
    });
    this.#worker.on("error", (failure) => this.#fail(failure));
    this.#worker.on("exit", () => this.#fail(new Error("The thread has ended")));
  }

  /** Whether it has been asked and has not answered. */
  get isBusy(): boolean {
    return this.#waiting !== undefined;
  }

  /**
   * Gives the damage in some frames, if any; to be asked again only after the answer. Rejects where
   * the thread dies or has died.
   */
  prove(frames: readonly Uint8Array[]): Promise<Damage | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const lengths = frames.map(({ byteLength }) => byteLength);
    const memory = this.#memoryFor(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (const frame of frames) {
      memory.set(frame, at);
      at += frame.byteLength;
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.ref();
      const packed: PackedFrames = { memory, lengths };
      this.#worker.postMessage(packed, [memory.buffer]);
    });
  }

  /** Ends the thread, whatever it is at. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #memoryFor(byteLength: number): Uint8Array<ArrayBuffer> {
    return this.#memory.length < byteLength ? new Uint8Array(byteLength) : this.#memory;
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.#take()?.reject(this.#failure);
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#worker.unref();
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
