import type { Seq } from "../model/entry.ts";
import type { TidemarkError } from "../model/errors.ts";
import { Fifo } from "./Fifo.ts";
import type { Waiter } from "./Submission.ts";

interface Pending {
  readonly seq: Seq;
  readonly waiter: Waiter<Seq>;
}

/** Those who wait until their accepted entry is durable, in the order of their seqs. */
export class PendingAppends {
  readonly #pending = new Fifo<Pending>();

  /** Expects ascending seqs. */
  add(seq: Seq, waiter: Waiter<Seq>): void {
    this.#pending.push({ seq, waiter });
  }

  /** Tells all whose entry is durable now. */
  settle(watermark: Seq): void {
    for (let head = this.#pending.peek(); head !== undefined; head = this.#pending.peek()) {
      if (head.seq > watermark) return;
      this.#pending.shift();
      head.waiter.durable?.(head.seq);
    }
  }

  /** Tells all that nothing more becomes durable. */
  fail(error: TidemarkError): void {
    for (const { waiter } of this.#pending.takeAll()) waiter.failed(error);
  }
}
