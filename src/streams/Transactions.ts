import { Fifo } from "./Fifo.ts";
import type { FramedBatch, Work } from "./frames.ts";
import type { AnchorSubmission } from "./Submission.ts";

const MIB = 1024 * 1024;

/** Where transactions end. */
export interface TransactionLimits {
  /** One takes as many batches as fit into both, and at least one. */
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** From either on it is large: what may still join it is not worth waiting for. */
  readonly largeEntries: number;
  readonly largeBytes: number;
}

/** Half of a full queue: while the one half is committed, the other one comes in. */
export const TRANSACTION_LIMITS: TransactionLimits = {
  maxEntries: 5_000,
  maxBytes: 2 * MIB,
  largeEntries: 4_000,
  largeBytes: 1.6 * MIB,
};

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
  readonly #limits: TransactionLimits;
  bytes = 0;
  #entries = 0;

  constructor(limits: TransactionLimits) {
    this.#limits = limits;
  }

  get isLarge(): boolean {
    const { largeEntries, largeBytes } = this.#limits;
    return this.#entries >= largeEntries || this.bytes >= largeBytes;
  }

  /** Adds one more batch where it fits; false where it does not. */
  add(batch: FramedBatch): boolean {
    const { maxEntries, maxBytes } = this.#limits;
    const bytes = this.bytes + batch.frame.bytes.byteLength;
    const entries = this.#entries + batch.entries;
    const fits = entries <= maxEntries && bytes <= maxBytes;
    if (!fits && this.batches.length > 0) return false;
    this.batches.push(batch);
    this.#entries = entries;
    this.bytes = bytes;
    return true;
  }
}

/** What waits for the disk, in order: batches by the transactions that they go out in, and anchors. */
export class Transactions {
  readonly #limits: TransactionLimits;
  readonly #line = new Fifo<OpenTransaction | AnchorSubmission>();
  /** The last in line, if batches may still join it. */
  #open: OpenTransaction | undefined;

  constructor(limits: TransactionLimits = TRANSACTION_LIMITS) {
    this.#limits = limits;
  }

  /** Whether the next is a transaction that is large. */
  get isNextLarge(): boolean {
    const next = this.#line.peek();
    return next?.kind === "transaction" && next.isLarge;
  }

  push(work: Work): void {
    if (work.kind === "anchor") {
      this.#open = undefined;
      this.#line.push(work);
    } else if (this.#open?.add(work) !== true) {
      this.#open = new OpenTransaction(this.#limits);
      this.#open.add(work);
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
