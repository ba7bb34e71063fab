import type { Seq } from "../model/entry.ts";
import { Fifo } from "../streams/Fifo.ts";
import type { Output } from "./Output.ts";

/**
 * Prints `{"line","seq"}` for each line whose entry is durable, in order. Holds no more than what is
 * accepted and not durable; goes quiet when nobody reads.
 */
export class AckPrinter {
  readonly #output: Output;
  readonly #waiting = new Fifo<{ readonly line: number; readonly seq: Seq }>();

  constructor(output: Output) {
    this.#output = output;
  }

  /** The entry of a line was accepted. */
  accepted(line: number, seq: Seq): void {
    if (!this.#output.isOver) this.#waiting.push({ line, seq });
  }

  /** Everything up to this seq is durable. */
  durable(watermark: Seq): void {
    for (;;) {
      const next = this.#waiting.peek();
      if (next === undefined || next.seq > watermark) break;
      this.#output.write(`${JSON.stringify(next)}\n`);
      this.#waiting.shift();
    }
    this.#output.flush();
  }
}
