import { setImmediate } from "node:timers/promises";
import type { ChainHead } from "../../format/frameHeader.ts";
import type { Seq } from "../../model/entry.ts";
import { RowSealer, type SealedRows } from "./RowSealer.ts";

/** Some 0.4 ms: whoever waits for the sync that is over hears of it so much later. */
const SLICE_BYTES = 128 * 1024;

/** Where a log is when frames are to follow it. */
interface LogEnd {
  readonly watermark: Seq;
  readonly head: ChainHead;
}

/** Seals the frames of one append after the other, some of them while the disk syncs those before. */
export class AheadSealer {
  #begun: { readonly frames: readonly Uint8Array[]; readonly sealer: RowSealer } | undefined;

  /**
   * The rows of frames that follow the log.
   *
   * @throws {@link OutOfOrderError} where they do not, {@link CorruptedError} for what is no frame.
   */
  rowsOf(frames: readonly Uint8Array[], log: LogEnd): SealedRows {
    const begun = this.#begun;
    this.#begun = undefined;
    const sealer = begun?.frames === frames ? begun.sealer : new RowSealer(frames, log);
    return sealer.rows();
  }

  /** Begins with the frames that come next, and goes on with them until there is something else to do. */
  async begin(frames: readonly Uint8Array[], log: LogEnd, isOver: () => boolean): Promise<void> {
    try {
      const sealer = new RowSealer(frames, log);
      while (!isOver() && sealer.sealSome(SLICE_BYTES)) await setImmediate();
      this.#begun = { frames, sealer };
    } catch {
      // What is wrong with them is thrown again when they are asked for.
    }
  }
}
