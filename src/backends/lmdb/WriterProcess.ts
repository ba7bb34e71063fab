import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { BackendError, type TidemarkError } from "../../model/errors.ts";
import { errorOf } from "./failure.ts";
import type { MemoryFile } from "./MemoryFile.ts";
import {
  ANSWERS,
  type AnswerTo,
  REPLY_PIPE,
  type RequestOf,
  type WriterReply,
  type WriterRequest,
} from "./protocol.ts";
import { ReplyReader } from "./replies.ts";
import { encodeRequest } from "./requests.ts";

/** How a request is made. */
export interface RequestOptions {
  /** The process fails where the answer takes longer; without it the answer is waited for. */
  readonly withinMs?: number;
  /** The answer does not keep our process alive. */
  readonly isIdle?: boolean;
}

interface Waiting {
  readonly type: WriterRequest["type"];
  readonly isIdle: boolean;
  readonly limit: NodeJS.Timeout | undefined;
  /** Where in memory its frames are, if they are there. */
  readonly place: number | undefined;
  readonly resolve: (reply: WriterReply) => void;
  readonly reject: (error: TidemarkError) => void;
}

/** How long a process that has ended by itself, or was killed, may take to be gone. */
const GONE_WITHIN_MS = 2_000;
/** How long the last reply of a process that is dying may be under way. */
const LAST_REPLY_WITHIN_MS = 1_000;
const MAX_COMPLAINT_LENGTH = 2_048;

/**
 * The writer process as the main process sees it: each request gives a promise of its answer.
 *
 * It keeps our process alive only while an answer is awaited. When it fails or dies, everything
 * that is awaited rejects, and so does every later request. It is then killed and not waited for,
 * since a disk that hangs keeps it for as long as it likes.
 */
export class WriterProcess {
  readonly #child: ChildProcess;
  /** Undefined where the process could not be started. */
  readonly #requests: Socket | undefined;
  readonly #answers: Socket | undefined;
  readonly #complaints: Socket | undefined;
  readonly #memory: MemoryFile | undefined;
  readonly #replies = new ReplyReader();
  /** In the order of the requests, which is the order of the answers. */
  readonly #waiting: Waiting[] = [];
  /** How many requests have been made. */
  #requestCount = 0;
  readonly #exited: Promise<void>;
  #complaint = "";
  #lastReply: NodeJS.Timeout | undefined;
  /** What it has said last: why it fails, whatever else is seen of its end. */
  #lastWord: TidemarkError | undefined;
  #hasEnded = false;
  #failure: TidemarkError | undefined;
  #onFailure: (failure: TidemarkError) => void = () => {};

  /** @param memory - what the process was started with; it is closed with the process. */
  constructor(child: ChildProcess, memory?: MemoryFile) {
    this.#child = child;
    this.#memory = memory;
    // The types know neither that these are sockets nor that there may be none.
    this.#requests = child.stdin as Socket | undefined;
    this.#answers = child.stdio?.[REPLY_PIPE] as Socket | undefined;
    this.#complaints = child.stderr as Socket | undefined;
    this.#exited = new Promise((resolve) => {
      child.once("exit", () => {
        resolve();
        memory?.close();
      });
      if (child.pid === undefined) resolve();
    });
    this.#listen();
    child.unref();
    for (const pipe of this.#pipes) pipe?.unref();
  }

  /** Why the process is of no use any more. */
  get failure(): TidemarkError | undefined {
    return this.#failure;
  }

  /** What to call, once, when the process fails; at once where it has. */
  set onFailure(listener: (failure: TidemarkError) => void) {
    this.#onFailure = listener;
    if (this.#failure !== undefined) listener(this.#failure);
  }

  /** Rejects with why it is refused, or with why the process has failed or fails meanwhile. */
  request<Type extends WriterRequest["type"]>(
    request: RequestOf<Type>,
    { withinMs, isIdle = false }: RequestOptions = {},
  ): Promise<AnswerTo<Type>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#hasEnded) return Promise.reject(backendError("has ended"));
    return new Promise<WriterReply>((resolve, reject) => {
      const { type } = request;
      const place = this.#carry(request);
      // What is too large throws here: nothing was handed over, and nothing will be answered.
      const parts = encodeRequest(request, place);
      const limit = withinMs === undefined ? undefined : this.#limit(type, withinMs);
      const isAhead = this.#waiting.length > 0;
      this.#waiting.push({ type, isIdle, limit, place, resolve, reject });
      this.#keepAlive();
      this.#send(parts);
      this.#requestCount += 1;
      if (isAhead && place !== undefined) this.#announce();
    }) as Promise<AnswerTo<Type>>;
  }

  /**
   * Whether the process is gone, with all that it had open. One that has ended goes by itself, any
   * other is killed; false where the system still keeps it after some seconds.
   */
  async gone(): Promise<boolean> {
    const goesByItself = this.#hasEnded && this.#failure === undefined;
    if (goesByItself && (await settlesWithin(this.#exited, GONE_WITHIN_MS))) return true;
    this.#child.kill("SIGKILL");
    return settlesWithin(this.#exited, GONE_WITHIN_MS);
  }

  /** Rejects everything that is awaited or will be asked, and kills the process. */
  fail(failure: TidemarkError): void {
    if (this.#failure !== undefined) return;
    const reason = this.#lastWord ?? failure;
    this.#failure = reason;
    clearTimeout(this.#lastReply);
    this.#child.kill("SIGKILL");
    for (const pipe of this.#pipes) pipe?.destroy();
    for (const { limit, reject } of this.#waiting.splice(0)) {
      clearTimeout(limit);
      reject(reason);
    }
    this.#onFailure(reason);
    this.#memory?.close();
  }

  /** Tells the process that what was sent last is in the pipe; not what still waits in ours. */
  #announce(): void {
    if (this.#requests?.writableLength === 0) this.#memory?.announce(this.#requestCount);
  }

  /** Where in memory the frames of a large append are from now on. */
  #carry(request: WriterRequest): number | undefined {
    return request.type === "append" ? this.#memory?.carry(request.frames) : undefined;
  }

  get #pipes(): readonly (Socket | undefined)[] {
    return [this.#requests, this.#answers, this.#complaints];
  }

  #listen(): void {
    this.#child.on("error", (cause) => {
      const how = this.#child.pid === undefined ? "cannot be started" : "cannot be killed";
      this.fail(backendError(how, cause));
    });
    this.#child.on("exit", () => this.#die("has exited"));
    this.#child.on("close", (code, signal) => this.#closed(code, signal));
    this.#requests?.on("error", (cause) => this.#die("takes no requests any more", cause));
    this.#answers?.on("error", (cause) => this.#die("answers no more", cause));
    this.#answers?.on("end", () => this.#die("answers no more"));
    this.#answers?.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#complaints?.on("data", (chunk) => {
      this.#complaint = (this.#complaint + String(chunk)).slice(-MAX_COMPLAINT_LENGTH);
    });
    // It only explains what else is told.
    this.#complaints?.on("error", () => {});
  }

  #limit(type: WriterRequest["type"], withinMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.fail(new BackendError(`The writer process did not ${type} within ${withinMs} ms`));
    }, withinMs);
  }

  #send(parts: readonly Uint8Array[]): void {
    const requests = this.#requests;
    // They go out together, in one call of the system.
    requests?.cork();
    for (const part of parts) requests?.write(part);
    requests?.uncork();
  }

  #read(chunk: Buffer): void {
    try {
      for (const reply of this.#replies.push(chunk)) this.#take(reply);
    } catch (error) {
      this.fail(error as BackendError);
    }
  }

  #take(reply: WriterReply): void {
    if (this.#failure !== undefined) return;
    if (reply.type === "failed") return this.#takeLast(errorOf(reply.failure));
    const [waiting] = this.#waiting;
    const isRefused = reply.type === "refused";
    if (waiting === undefined || !(isRefused || reply.type === ANSWERS[waiting.type])) {
      throw new BackendError(`The writer process answers what nobody has asked: ${reply.type}`);
    }
    this.#waiting.shift();
    clearTimeout(waiting.limit);
    if (waiting.place !== undefined) this.#memory?.release(waiting.place);
    this.#hasEnded = reply.type === "ended";
    this.#keepAlive();
    if (isRefused) waiting.reject(errorOf(reply.failure));
    else waiting.resolve(reply);
  }

  /**
   * It comes right behind the answer to what was asked before, mostly in the same chunk: whoever asked
   * hears that first, and what is asked at once because of it rejects with this failure.
   */
  #takeLast(failure: TidemarkError): void {
    this.#lastWord = failure;
    setImmediate(() => this.fail(failure));
  }

  #keepAlive(): void {
    if (this.#waiting.every(({ isIdle }) => isIdle)) this.#answers?.unref();
    else this.#answers?.ref();
  }

  /** The process is dying. What it has said last tells more than that, and may be on its way. */
  #die(how: string, cause?: Error): void {
    if (this.#failure !== undefined || this.#hasEnded || this.#lastReply !== undefined) return;
    this.#child.kill("SIGKILL");
    this.#lastReply = setTimeout(() => this.fail(backendError(how, cause)), LAST_REPLY_WITHIN_MS);
  }

  /** The process is gone, and everything that it has said was read. */
  #closed(exitCode: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#lastReply);
    if (this.#hasEnded && this.#waiting.length === 0) return;
    const how = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
    const complaint = this.#complaint.trim();
    this.fail(backendError(complaint === "" ? how : `${how}: ${complaint}`));
  }
}

function backendError(how: string, cause?: NodeJS.ErrnoException): BackendError {
  const errno = cause?.errno === undefined ? undefined : Math.abs(cause.errno);
  const message = `The writer process ${how}`;
  return cause === undefined
    ? new BackendError(message)
    : new BackendError(`${message}: ${cause.message}`, errno, { cause });
}

function settlesWithin(promise: Promise<void>, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve(false), withinMs);
    void promise.then(() => {
      clearTimeout(limit);
      resolve(true);
    });
  });
}
