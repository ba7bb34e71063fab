import {
  checkDigest,
  decodeFrame,
  frameHeaderOf,
  type FrameHeader,
} from "../format/decodeFrame.ts";
import { GENESIS } from "../format/sealFrame.ts";
import type { Entry, Seq } from "../model/entry.ts";
import { HashMismatchError, TidemarkError } from "../model/errors.ts";
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

  verify(bytes: Uint8Array): void {
    const header = this.#attempt(() => frameHeaderOf(bytes));
    if (header === undefined) {
      this.#skip();
      return;
    }
    this.#checkPlace(header);
    this.#attempt(() => checkDigest(bytes));
    this.#checkChain(header);
    this.#checkEntries(bytes, header);
    if (header.toSeq >= this.nextSeq) this.nextSeq = header.toSeq + 1;
    else this.#skip();
  }

  /** Where the next frame begins is not known: one seq on, the log is asked again. */
  #skip(): void {
    this.nextSeq += 1;
    this.#previousDigest = undefined;
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
    this.#previousDigest = header.digest;
  }

  #checkEntries(bytes: Uint8Array, header: FrameHeader): void {
    const frame = this.#attempt(() => decodeFrame(bytes));
    if (frame === undefined) return;
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
      const isHash = failure instanceof HashMismatchError;
      this.#find(
        isHash
          ? { kind: "hash-mismatch", seq: failure.seq }
          : { kind: "undecodable", seq, reason: failure.message },
      );
      return undefined;
    }
  }
}
