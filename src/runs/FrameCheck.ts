import { checkDigest, decodeFrame } from "../format/decodeFrame.ts";
import { chainHeadOf, isNextOf, type FrameHeader } from "../format/frameHeader.ts";
import { GENESIS } from "../format/sealFrame.ts";
import type { Entry, Seq } from "../model/entry.ts";
import { CorruptedError, GapError } from "../model/errors.ts";
import { headerOf } from "./headerOf.ts";

/** Checks frames that are read one after the other, in either direction, and opens them. */
export class FrameCheck {
  readonly #isReverse: boolean;
  #neighbour: FrameHeader | undefined;

  constructor(isReverse: boolean) {
    this.#isReverse = isReverse;
  }

  /**
   * The entries of the next frame, in its own order.
   *
   * @param isProven - whether `proveFrame` has passed these bytes before.
   * @throws as {@link FrameCheck.link}, and {@link CorruptedError} or {@link HashMismatchError} where
   * something is not what was written.
   */
  entriesOf(bytes: Uint8Array, expected: Seq, isProven: boolean): Iterable<Entry> {
    this.link(bytes, expected);
    if (isProven) return decodeFrame(bytes).provenEntries();
    checkDigest(bytes);
    return decodeFrame(bytes).entries();
  }

  /**
   * Checks that the next frame says of itself that it is the one which follows; that it is what it
   * says is to be proven by who asks.
   *
   * @param expected - the seq that the frame must hold: the next one to be read.
   * @throws {@link GapError} where entries are missing, {@link CorruptedError} where the frame does
   * not belong there.
   */
  link(bytes: Uint8Array, expected: Seq): FrameHeader {
    const header = headerOf(bytes);
    this.#checkPlace(header, expected);
    this.#checkChain(header);
    this.#neighbour = header;
    return header;
  }

  #checkPlace({ fromSeq, toSeq }: FrameHeader, expected: Seq): void {
    if (fromSeq <= expected && expected <= toSeq) return;
    const isBeyond = this.#isReverse ? toSeq < expected : fromSeq > expected;
    if (!isBeyond) throw new CorruptedError("A frame is not where it belongs", fromSeq);
    if (this.#isReverse) throw new GapError(toSeq + 1, expected);
    throw new GapError(expected, fromSeq - 1);
  }

  #checkChain(header: FrameHeader): void {
    if (this.#isLinked(header)) return;
    // Not the one that was served before, whichever of the two comes first.
    throw new CorruptedError("The chain of frames is broken", header.fromSeq);
  }

  #isLinked(header: FrameHeader): boolean {
    if (header.fromSeq === 1 && !isNextOf(GENESIS, header)) return false;
    if (this.#neighbour === undefined) return true;
    const [older, newer] = this.#isReverse ? [header, this.#neighbour] : [this.#neighbour, header];
    return isNextOf(chainHeadOf(older), newer);
  }
}
