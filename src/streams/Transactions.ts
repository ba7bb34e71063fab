import { Fifo } from "./Fifo.ts";
import type { FramedBatch, Work } from "./frames.ts";
import type { AnchorSubmission } from "./Submission.ts";

/**
 * One transaction takes as many batches as fit, and at least one. Half of a full queue: while the one
 * half is committed, the other one comes in.
 */
const MAX_TRANSACTION_ENTRIES = 5_000;
const MAX_TRANSACTION_BYTES = 2 * 1024 * 1024;
/** From either on it is large: what may still join it is not worth waiting for. */
const LARGE_ENTRIES = 4_000;
const LARGE_BYTES = 1.6 * 1024 * 1024;

/** Consecutive batches that become durable together. */
export interface Transaction {
  readonly kind: "transaction";
  readonly batches: readonly FramedBatch[];
  /** Of all frames. */
  readonly bytes: number;
}

class OpenTransaction implements Transaction {
  readonly kind = "transaction";
  readonly batches: FramedBatch[] = [];
  bytes = 0;
  #entries = 0;

  get isLarge(): boolean {
    return this.#entries >= LARGE_ENTRIES || this.bytes >= LARGE_BYTES;
  }

  /** Takes one more batch where it fits. */
  takes(batch: FramedBatch): boolean {
    const bytes = this.bytes + batch.frame.bytes.byteLength;
    const entries = this.#entries + batch.entries;
    const fits = entries <= MAX_TRANSACTION_ENTRIES && bytes <= MAX_TRANSACTION_BYTES;
    if (!fits && this.batches.length > 0) return false;
    this.batches.push(batch);
    this.#entries = entries;
    this.bytes = bytes;
    return true;
  }
}

/** What waits for the disk, in order: batches by the transactions that they go out in, and anchors. */
export class Transactions {
  readonly #line = new Fifo<OpenTransaction | AnchorSubmission>();
  /** The last in line, if batches may still join it. */
  #open: OpenTransaction | undefined;

  /** Whether the next is a transaction that is large. */
  get isNextLarge(): boolean {
    const next = this.#line.peek();
    return next?.kind === "transaction" && next.isLarge;
  }

  push(work: Work): void {
    if (work.kind === "anchor") {
      this.#open = undefined;
      this.#line.push(work);
    } else if (this.#open?.takes(work) !== true) {
      this.#open = new OpenTransaction();
      this.#open.takes(work);
      this.#line.push(this.#open);
    }
  }

  /** The next one, which nothing joins from then on. */
  shift(): Transaction | AnchorSubmission | undefined {
    const next = this.#line.shift();
    if (next === this.#open) this.#open = undefined;
    return next;
  }
}
