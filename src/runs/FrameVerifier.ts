import {
  checkDigest,
  decodeFrame,
  type DecodedFrame,
  frameHeaderOf,
  type FrameHeader,
} from "../format/decodeFrame.ts";
import { GENESIS } from "../format/sealFrame.ts";
import type { Entry, Seq } from "../model/entry.ts";
import { CorruptedError, HashMismatchError, TidemarkError } from "../model/errors.ts";
import type { Finding } from "./Finding.ts";

/** Checks frames one after the other and tells what is wrong, without ever stopping at it. */
export class FrameVerifier {
  readonly #find: (finding: Finding) => void;
  #previousDigest: Uint8Array | undefined = GENESIS.digest;
  /** The seq that must come next. */
  nextSeq: Seq = 1;
  entriesScanned = 0;
  /** The largest `tsInit` of all entries that hold. */
  maxTsInit: bigint | undefined;

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
    this.#previousDigest = undefined;
  }

  #verifyProven(bytes: Uint8Array, header: FrameHeader): boolean {
    this.#checkPlace(header);
    this.#checkChain(header);
    const frame = this.#attempt(() => decodeFrame(bytes));
    if (frame !== undefined) this.#checkEntries(frame);
    this.#previousDigest = header.digest;
    return this.#pass(header);
  }

  /** Of a frame whose digest does not hold, which is told: its head has a proof of its own, the CRC. */
  #verifyRest(bytes: Uint8Array): boolean {
    const frame = openedFrame(bytes);
    if (frame === undefined) return false;
    this.#checkPlace(frame.header);
    this.#checkChain(frame.header);
    this.#checkEntries(frame);
    this.#previousDigest = undefined;
    return this.#pass(frame.header);
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
      this.#previousDigest = undefined;
    } else if (fromSeq < this.nextSeq) {
      this.#find({ kind: "seq-mismatch", storedAt: this.nextSeq, seq: fromSeq });
    }
  }

  #checkChain(header: FrameHeader): void {
    const previous = this.#previousDigest;
    if (previous !== undefined && Buffer.compare(previous, header.previousDigest) !== 0) {
      this.#find({ kind: "chain-broken", seq: header.fromSeq });
    }
  }

  #checkEntries(frame: DecodedFrame): void {
    const { header } = frame;
    this.entriesScanned += header.toSeq - header.fromSeq + 1;
    try {
      for (const entry of frame.entries()) this.#see(entry);
    } catch {
      // Not all of them hold: one by one, to tell which.
      for (let { fromSeq: seq } = header; seq <= header.toSeq; seq += 1) {
        const entry = this.#attempt(() => frame.entryAt(seq), seq);
        if (entry !== undefined) this.#see(entry);
      }
    }
  }

  #see({ tsInit }: Entry): void {
    if (this.maxTsInit === undefined || tsInit > this.maxTsInit) this.maxTsInit = tsInit;
  }

  #attempt<Result>(read: () => Result, seq: Seq = this.nextSeq): Result | undefined {
    try {
      return read();
    } catch (failure) {
      if (!(failure instanceof TidemarkError)) throw failure;
      if (failure instanceof HashMismatchError) {
        this.#find({ kind: "hash-mismatch", seq: failure.seq });
      } else {
        // Not the seq that the error names: a damaged frame may say anything of itself.
        const reason = failure instanceof CorruptedError ? failure.reason : failure.message;
        this.#find({ kind: "undecodable", seq, reason });
      }
      return undefined;
    }
  }
}

/** Undefined where the head does not hold. */
function openedFrame(bytes: Uint8Array): DecodedFrame | undefined {
  try {
    return decodeFrame(bytes);
  } catch (failure) {
    if (!(failure instanceof TidemarkError)) throw failure;
    return undefined;
  }
}
