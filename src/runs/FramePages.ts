import { defer, from, map, type Observable } from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import { awaited } from "./awaited.ts";
import { headerOf } from "./headerOf.ts";
import { ALONE_BYTES } from "./ProofThread.ts";
import { sharedProofs, type SharedProofs } from "./SharedProofs.ts";

/** A page of frames of a log. */
export interface FramePage {
  readonly frames: readonly Uint8Array[];
  /** How many of the first frames `proveFrame` has passed; those behind are for their user to prove. */
  readonly proven: number;
}

/** What pages are read of. */
export type FrameSource = Pick<RunLog, "framesFrom">;

/** What {@link FramePages} can be told. */
export interface FramePagesConfig {
  readonly isReverse?: boolean;
  /** So much is read before anything is read ahead. */
  readonly aloneBytes?: number;
  readonly shared?: SharedProofs;
}

/** A page that is read before it is asked for. */
interface PageAhead {
  readonly seq: Seq;
  readonly frames: readonly Uint8Array[];
  readonly proven: Promise<number>;
}

const NONE = Promise.resolve(0);
/** What the thread proves of a page: with the rest both are done at about the same time. */
const SHARE_APART = 7 / 8;

/**
 * The pages of a scan. Where many are read one after the other, the next one is read ahead and proven
 * on a second thread while the one before is used, since to hash is most of what a scan does.
 */
export class FramePages {
  readonly #log: FrameSource;
  readonly #isReverse: boolean;
  readonly #aloneBytes: number;
  readonly #shared: SharedProofs;
  #bytes = 0;
  #ahead: PageAhead | undefined;
  #isOver = false;

  constructor(log: FrameSource, config: FramePagesConfig = {}) {
    const { isReverse = false, aloneBytes = ALONE_BYTES, shared = sharedProofs } = config;
    this.#log = log;
    this.#isReverse = isReverse;
    this.#aloneBytes = aloneBytes;
    this.#shared = shared;
  }

  /**
   * The page whose first frame holds a seq, given when the one behind it has been read, too; errors as
   * the log does.
   *
   * @param end - nothing behind it is read ahead.
   */
  pageFrom(seq: Seq, end: Seq): Observable<FramePage> {
    return defer(() => {
      if (this.#bytes > this.#aloneBytes) return from(this.#pageAhead(seq, end));
      const answer = this.#log.framesFrom(seq, { reverse: this.#isReverse });
      // A log that answers in virtual time is read in it, however long it is.
      const isCounted = answer instanceof Promise;
      return from(answer).pipe(
        map((frames) => {
          if (isCounted) this.#bytes += bytesOf(frames);
          return { frames, proven: 0 };
        }),
      );
    });
  }

  /** Nothing more is read ahead, and what is, is let go of. */
  end(): void {
    this.#isOver = true;
    this.#ahead = undefined;
  }

  async #pageAhead(seq: Seq, end: Seq): Promise<FramePage> {
    const page = this.#ahead?.seq === seq ? this.#ahead : await this.#read(seq);
    this.#ahead = undefined;
    // Before the page is used: whoever uses it may give nobody else a turn until it is used up.
    const next = await this.#readAfter(page, end);
    const proven = await page.proven;
    if (next !== undefined && !this.#isOver) this.#ahead = this.#prove(next);
    return { frames: page.frames, proven };
  }

  async #read(seq: Seq): Promise<PageAhead> {
    const frames = await awaited(this.#log.framesFrom(seq, { reverse: this.#isReverse }));
    return { seq, frames, proven: NONE };
  }

  /** Undefined where there is none, or none that can be read: who asks for that one is told why. */
  async #readAfter({ frames }: PageAhead, end: Seq): Promise<PageAhead | undefined> {
    try {
      const seq = this.#seqAfter(frames);
      const isWanted = this.#isReverse ? seq >= end : seq <= end;
      return isWanted && !this.#isOver ? await this.#read(seq) : undefined;
    } catch {
      return undefined;
    }
  }

  /** @throws {@link CorruptedError} where the last frame does not tell. */
  #seqAfter(frames: readonly Uint8Array[]): Seq {
    const last = frames.at(-1);
    if (last === undefined) return Number.NaN;
    const { fromSeq, toSeq } = headerOf(last);
    return this.#isReverse ? fromSeq - 1 : toSeq + 1;
  }

  #prove(page: PageAhead): PageAhead {
    const apart = page.frames.slice(0, Math.ceil(page.frames.length * SHARE_APART));
    const proven = this.#shared
      .areProven(apart)
      .then((areProven) => (areProven ? apart.length : 0));
    return { ...page, proven };
  }
}

function bytesOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
