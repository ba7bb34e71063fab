import { Fifo } from "./Fifo.ts";
import type { FramedBatch, Work } from "./frames.ts";
import type { AnchorSubmission } from "./Submission.ts";

const MIB = 1024 * 1024;

/** How many entries, and bytes of their frames. */
interface TransactionSize {
  readonly entries: number;
  readonly bytes: number;
}

/** Where transactions end. */
export interface TransactionLimits {
  /** One takes as many batches as fit into both, and at least one. */
  readonly max: TransactionSize;
  /** From either on it is large: what may still join it is not worth a disk that waits. */
  readonly large: TransactionSize;
}

export const TRANSACTION_LIMITS: TransactionLimits = {
  // Half of a full queue: while the one half is committed, the other one comes in.
  max: { entries: 5_000, bytes: 2 * MIB },
  large: { entries: 4_000, bytes: 1.6 * MIB },
};

/** Consecutive batches that become durable together. */
export interface Transaction {
  readonly kind: "transaction";
  readonly batches: readonly FramedBatch[];
  /** Of all frames. */
  readonly bytes: number;
}

class OpenTransaction implements Transaction, TransactionSize {
  readonly kind = "transaction";
  readonly batches: FramedBatch[] = [];
  bytes = 0;
  entries = 0;

  /** Adds one more batch where it fits; false where it does not. */
  add(batch: FramedBatch, max: TransactionSize): boolean {
    const bytes = this.bytes + batch.frame.bytes.byteLength;
    const entries = this.entries + batch.entries;
    const fits = entries <= max.entries && bytes <= max.bytes;
    if (!fits && this.batches.length > 0) return false;
    this.batches.push(batch);
    this.entries = entries;
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
    const { entries, bytes } = this.#limits.large;
    const next = this.#line.peek();
    return next?.kind === "transaction" && (next.entries >= entries || next.bytes >= bytes);
  }

  push(work: Work): void {
    if (work.kind === "anchor") {
      this.#open = undefined;
      this.#line.push(work);
    } else if (this.#open?.add(work, this.#limits.max) !== true) {
      this.#open = new OpenTransaction();
      this.#open.add(work, this.#limits.max);
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
