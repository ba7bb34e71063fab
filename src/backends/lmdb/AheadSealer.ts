import { setImmediate } from "node:timers/promises";
import type { ChainHead } from "../../format/frameHeader.ts";
import type { Seq } from "../../model/entry.ts";
import { RowSealer, type SealedRows } from "./RowSealer.ts";

/**
 * Some 0.3 ms: whoever waits for the sync that is over hears of it so much later. Frames that are larger
 * are not sealed ahead.
 */
const SLICE_BYTES = 128 * 1024;

/** Where a log is when frames are to follow it. */
interface LogEnd {
  readonly watermark: Seq;
  readonly head: ChainHead;
}

/** What may follow an append. */
export interface NextAppend {
  /** Whether a request is there already. */
  readonly isThere: () => boolean;
  /** Its frames, to be appended as they are; undefined where it has none. */
  readonly frames: () => readonly Uint8Array[] | undefined;
}

/** Frames that are sealed in part. */
interface Begun {
  readonly frames: readonly Uint8Array[];
  readonly log: LogEnd;
  readonly sealer: RowSealer;
}

/** Seals the frames of one append after the other, some of them while the disk syncs those before. */
export class AheadSealer {
  #begun: Begun | undefined;

  /**
   * The rows of frames that follow the log.
   *
   * @throws {@link OutOfOrderError} where they do not, {@link CorruptedError} for what is no frame.
   */
  rowsOf(frames: readonly Uint8Array[], log: LogEnd): SealedRows {
    const begun = this.#begun;
    this.#begun = undefined;
    const isBegun = begun?.frames === frames && isSame(begun.log, log);
    return (isBegun ? begun.sealer : new RowSealer(frames, log)).rows();
  }

  /**
   * Begins with the frames that come next, and goes on with them until there is something else to do.
   *
   * @throws what cannot be read of them.
   */
  async begin(next: NextAppend, { watermark, head }: LogEnd, isOver: () => boolean): Promise<void> {
    const frames = next.frames();
    if (frames === undefined) return;
    const log = { watermark, head };
    try {
      const sealer = new RowSealer(frames, log);
      while (!isOver() && sealer.sealSome(SLICE_BYTES)) await setImmediate();
      this.#begun = { frames, log, sealer };
    } catch {
      // What is wrong with them is thrown again when they are asked for.
    }
  }
}

function isSame(begun: LogEnd, log: LogEnd): boolean {
  return begun.watermark === log.watermark && begun.head === log.head;
}
