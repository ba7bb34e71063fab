import type { Writable } from "node:stream";

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Text is handed to the stream in pieces of about this size, and this much may be on its way. */
const PIECE_CHARACTERS = 64 * 1024;
/** A terminal that does not tell its width. */
const USUAL_COLUMNS = 80;

/** What a write fails with when the reader at the other end is gone. */
const READER_IS_GONE: ReadonlySet<unknown> = new Set([
  "EPIPE",
  "ECONNRESET",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
]);

/**
 * Standard output or error as the verbs write to it. Bounded if they wait for {@link Output.settled}
 * whenever it {@link Output.isFull}; a reader that has gone (`| head`) is no failure, only the end.
 */
export class Output {
  readonly stream: OutputStream;
  /** Its failure is told, or what must be the last word is: no more is to be told of it. */
  isFailureTold = false;
  #text = "";
  #charactersOnTheirWay = 0;
  #failure: NodeJS.ErrnoException | undefined;
  #wake: (() => void)[] = [];

  constructor(stream: OutputStream) {
    this.stream = stream;
    stream.on("error", (failure) => this.#fail(failure));
    stream.on("close", () => this.#fail(undefined));
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  /** How many columns there are; without a terminal there is no limit. */
  get columns(): number {
    if (!this.isTerminal) return Infinity;
    return this.stream.columns !== undefined && this.stream.columns > 0
      ? this.stream.columns
      : USUAL_COLUMNS;
  }

  /** Nothing that is written arrives any more. */
  get isOver(): boolean {
    return this.#failure !== undefined || this.stream.destroyed;
  }

  /** Why nothing arrives any more, where it is not that the reader has gone. */
  get failure(): NodeJS.ErrnoException | undefined {
    const failure = this.#failure;
    const isGone = READER_IS_GONE.has(failure?.code);
    return isGone ? undefined : failure;
  }

  /** It is time to wait for what is on its way. */
  get isFull(): boolean {
    return this.#charactersOnTheirWay >= PIECE_CHARACTERS && !this.isOver;
  }

  /** Writes; at once or together with what follows. */
  write(text: string): void {
    if (this.isOver) return;
    this.#text += text;
    if (this.#text.length >= PIECE_CHARACTERS) this.flush();
  }

  /** Writes bytes as they are, which need not be text. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    this.#send(bytes);
  }

  /** Hands everything to the stream. */
  flush(): void {
    const text = this.#text;
    this.#text = "";
    this.#send(text);
  }

  /** Hands everything to the stream and waits until it is out, or nobody reads any more. */
  async settled(): Promise<void> {
    this.flush();
    if (this.#charactersOnTheirWay === 0 || this.isOver) return;
    await new Promise<void>((resolve) => {
      this.#wake.push(resolve);
    });
  }

  #send(part: string | Uint8Array): void {
    if (part.length === 0 || this.isOver) return;
    this.#charactersOnTheirWay += part.length;
    this.stream.write(part, (failure) => {
      this.#charactersOnTheirWay -= part.length;
      if (failure) this.#fail(failure);
      else if (this.#charactersOnTheirWay === 0) this.#wakeAll();
    });
  }

  #fail(failure: Error | undefined): void {
    this.#failure ??= failure;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
