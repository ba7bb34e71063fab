import type { Transferable, Worker } from "node:worker_threads";
import { BackendError, type TidemarkError } from "../../model/errors.ts";
import { errorOf } from "./failure.ts";
import type { WriterReply, WriterRequest } from "./protocol.ts";

type Reply<Type extends WriterReply["type"]> = Extract<WriterReply, { readonly type: Type }>;

interface Waiting {
  readonly resolve: (reply: WriterReply) => void;
  readonly reject: (error: TidemarkError) => void;
}

/**
 * The writer thread as the main thread sees it: each request gives a promise of its answer.
 *
 * It keeps the process alive only while an answer is awaited. When it fails or dies, everything
 * that is awaited rejects, and so does every later request. It is never terminated: a thread that
 * is stopped inside a transaction keeps the process from ending.
 */
export class WriterThread {
  readonly #worker: Worker;
  /** In the order of the requests, which is the order of the answers. */
  readonly #waiting: Waiting[] = [];
  readonly #exited: Promise<void>;
  #failure: TidemarkError | undefined;
  #hasEnded = false;
  #onFailure: (failure: TidemarkError) => void = () => {};

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => {
      worker.on("exit", (exitCode) => {
        if (!this.#hasEnded) {
          this.fail(new BackendError(`The writer thread has exited with code ${exitCode}`));
        }
        resolve();
      });
    });
    worker.on("message", (reply: WriterReply) => this.#take(reply));
    worker.on("error", (cause) => {
      this.fail(new BackendError("The writer thread has died", undefined, { cause }));
    });
    worker.on("messageerror", (cause) => {
      this.fail(new BackendError("The writer thread cannot be understood", undefined, { cause }));
    });
    worker.unref();
  }

  /** Why the thread is of no use any more. */
  get failure(): TidemarkError | undefined {
    return this.#failure;
  }

  /** What to call, once, when the thread fails; at once where it has. */
  set onFailure(listener: (failure: TidemarkError) => void) {
    this.#onFailure = listener;
    if (this.#failure !== undefined) listener(this.#failure);
  }

  /** The answer that the thread gives unasked, when its environment is open. */
  opened(): Promise<Reply<"opened">> {
    return this.#answer();
  }

  request(
    request: Extract<WriterRequest, { readonly type: "append" }>,
    transfer: readonly Transferable[],
  ): Promise<Reply<"committed">>;
  request(request: Extract<WriterRequest, { readonly type: "anchor" }>): Promise<Reply<"anchored">>;
  request(
    request: Extract<WriterRequest, { readonly type: "seal" | "close" }>,
  ): Promise<Reply<"ended">>;
  request(request: WriterRequest, transfer: readonly Transferable[] = []): Promise<WriterReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    try {
      this.#worker.postMessage(request, transfer);
    } catch (cause) {
      // Nothing was handed over, and nothing will be answered.
      return Promise.reject(
        new BackendError("The frames cannot be handed over", undefined, { cause }),
      );
    }
    return this.#answer();
  }

  /** Resolves when the thread is gone, its environment closed: after `seal` or `close` it goes. */
  exited(): Promise<void> {
    return this.#exited;
  }

  /** Rejects everything that is awaited or will be asked, and leaves the thread to itself. */
  fail(failure: TidemarkError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#worker.unref();
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
    this.#onFailure(failure);
  }

  #answer<Type extends WriterReply["type"]>(): Promise<Reply<Type>> {
    if (this.#waiting.length === 0) this.#worker.ref();
    return new Promise<WriterReply>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    }) as Promise<Reply<Type>>;
  }

  #take(reply: WriterReply): void {
    if (this.#failure !== undefined) return;
    if (reply.type === "failed") return this.fail(errorOf(reply.failure));
    const waiting = this.#waiting.shift();
    if (reply.type === "ended") this.#hasEnded = true;
    // An ended thread is on its way out; whoever closes waits for that.
    else if (this.#waiting.length === 0) this.#worker.unref();
    if (reply.type === "refused") waiting?.reject(errorOf(reply.failure));
    else waiting?.resolve(reply);
  }
}
