import { checkDigest } from "../format/decodeFrame.ts";
import type { IndexRow } from "../format/Frame.ts";
import {
  chainHeadOf,
  frameHeaderOf,
  isNextOf,
  type ChainHead,
  type FrameHeader,
} from "../format/frameHeader.ts";
import { judgeEntries, type JudgedEntries } from "../format/judgeEntries.ts";
import { GENESIS } from "../format/sealFrame.ts";
import type { Seq } from "../model/entry.ts";
import { CorruptedError, HashMismatchError, TidemarkError } from "../model/errors.ts";
import type { Finding } from "./Finding.ts";

const NO_ROWS: readonly IndexRow[] = Object.freeze([]);

/** Checks frames one after the other and tells what is wrong, without ever stopping at it. */
export class FrameVerifier {
  readonly #find: (finding: Finding) => void;
  /** Undefined behind what cannot be trusted. */
  #previous: ChainHead | undefined = GENESIS;
  /** The seq that must come next. */
  nextSeq: Seq = 1;
  entriesScanned = 0;
  /** The largest `tsInit` of all entries that hold. */
  maxTsInit: bigint | undefined;
  /** What the entries of the last frame that hold mention, if that frame is where it belongs. */
  indexRows: readonly IndexRow[] = NO_ROWS;

  constructor(find: (finding: Finding) => void) {
    this.#find = find;
  }

  /**
   * Checks the next frame.
   *
   * @returns whether `nextSeq` is behind the frame. Where it is not, the frame does not tell where
   * the next one begins: the log is to be asked, and `goOnAt` told.
   */
  verify(bytes: Uint8Array): boolean {
    this.indexRows = NO_ROWS;
    const header = this.#attempt(() => frameHeaderOf(bytes));
    if (header === undefined) return false;
    const isProven = this.#attempt(() => {
      checkDigest(bytes);
      return true;
    });
    return isProven === true ? this.#verifyProven(bytes, header) : this.#verifyRest(bytes);
  }

  /** What lies before that seq is told, and how the chain goes on from it is not known. */
  goOnAt(seq: Seq): void {
    this.nextSeq = seq;
    this.#previous = undefined;
  }

  #verifyProven(bytes: Uint8Array, header: FrameHeader): boolean {
    this.#checkPlace(header);
    this.#checkChain(header);
    const judged = this.#attempt(() => judgeEntries(bytes));
    if (judged !== undefined) this.#tell(judged);
    this.#previous = chainHeadOf(header);
    return this.#pass(header);
  }

  /** Of a frame whose digest does not hold, which is told: its head has a proof of its own, the CRC. */
  #verifyRest(bytes: Uint8Array): boolean {
    const judged = judgedAnyway(bytes);
    if (judged === undefined) return false;
    this.#checkPlace(judged.header);
    this.#checkChain(judged.header);
    this.#tell(judged);
    this.#previous = undefined;
    return this.#pass(judged.header);
  }

  #pass({ toSeq }: FrameHeader): boolean {
    if (toSeq < this.nextSeq) return false;
    this.nextSeq = toSeq + 1;
    return true;
  }

  /** No frame follows. */
  end(watermark: Seq): void {
    if (this.nextSeq <= watermark) this.#find({ kind: "gap", from: this.nextSeq, to: watermark });
  }

  #checkPlace({ fromSeq }: FrameHeader): void {
    if (fromSeq > this.nextSeq) {
      this.#find({ kind: "gap", from: this.nextSeq, to: fromSeq - 1 });
      this.#previous = undefined;
    } else if (fromSeq < this.nextSeq) {
      this.#find({ kind: "seq-mismatch", storedAt: this.nextSeq, seq: fromSeq });
    }
  }

  #checkChain(header: FrameHeader): void {
    if (this.#previous !== undefined && !isNextOf(this.#previous, header)) {
      this.#find({ kind: "chain-broken", seq: header.fromSeq });
    }
  }

  #tell({ header, damages, lastSeq, maxTsInit, indexRows }: JudgedEntries): void {
    const { fromSeq, toSeq } = header;
    this.entriesScanned += lastSeq - fromSeq + 1;
    for (const { seq, failure } of damages) this.#tellDamage(failure, seq);
    if (lastSeq < toSeq) this.#find({ kind: "gap", from: lastSeq + 1, to: toSeq });
    if (maxTsInit !== undefined && maxTsInit > (this.maxTsInit ?? -1n)) this.maxTsInit = maxTsInit;
    if (fromSeq >= this.nextSeq) this.indexRows = indexRows;
  }

  #attempt<Result>(read: () => Result): Result | undefined {
    try {
      return read();
    } catch (failure) {
      if (!(failure instanceof TidemarkError)) throw failure;
      this.#tellDamage(failure, this.nextSeq);
      return undefined;
    }
  }

  /** Not at the seq that an error names: a damaged frame may say anything of itself. */
  #tellDamage(failure: TidemarkError, seq: Seq): void {
    if (failure instanceof HashMismatchError) {
      this.#find({ kind: "hash-mismatch", seq });
    } else {
      const reason = failure instanceof CorruptedError ? failure.reason : failure.message;
      this.#find({ kind: "undecodable", seq, reason });
    }
  }
}

/** Undefined where the head does not hold. */
function judgedAnyway(bytes: Uint8Array): JudgedEntries | undefined {
  try {
    return judgeEntries(bytes);
  } catch (failure) {
    if (!(failure instanceof TidemarkError)) throw failure;
    return undefined;
  }
}
