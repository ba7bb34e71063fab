import { defer, map, type Observable } from "rxjs";
import type { Entry, Seq } from "../model/entry.ts";
import { GapError } from "../model/errors.ts";
import type { EntryQuery } from "../model/Run.ts";
import { entryFilterOf, type EntryFilter } from "./EntryFilter.ts";
import { FrameCheck } from "./FrameCheck.ts";
import { FramePages, type FramePage, type FrameSource } from "./FramePages.ts";

/**
 * A place in a log, and the way on from it: page by page, checked. Between pages nothing of the log is
 * held but, in a long scan, the next page.
 */
export class EntryCursor {
  readonly #pages: FramePages;
  readonly #isReverse: boolean;
  readonly #matches: EntryFilter;
  readonly #check: FrameCheck;
  #damage: unknown;
  /** The seq that is read next. */
  position: Seq;

  constructor(log: FrameSource, query: EntryQuery, position: Seq) {
    this.#isReverse = query.reverse ?? false;
    this.#pages = new FramePages(log, { isReverse: this.#isReverse });
    this.#matches = entryFilterOf(query);
    this.#check = new FrameCheck(this.#isReverse);
    this.position = position;
  }

  /**
   * The next page of entries that match, none beyond `end`; moves the position past it. Where the
   * log has nothing although `end` is not reached, entries are missing.
   */
  pageUpTo(end: Seq): Observable<readonly Entry[]> {
    return defer(() => {
      if (this.#damage !== undefined) throw this.#damage;
      return this.#pages.pageFrom(this.position, end);
    }).pipe(map((page) => this.#readWhatHolds(page, end)));
  }

  /** Nothing more is read. */
  end(): void {
    this.#pages.end();
  }

  /** What comes before damage is whole: it is given first, and the damage with the next page. */
  #readWhatHolds(page: FramePage, end: Seq): readonly Entry[] {
    const matching: Entry[] = [];
    const start = this.position;
    try {
      this.#read(page, end, matching);
    } catch (damage) {
      // With nothing to give, or no next page to tell it with, it is told now.
      if (matching.length === 0 || this.#isPast(end)) throw damage;
      this.#damage = damage;
    }
    // Payloads of one frame share memory: who keeps few of them must not keep all of it.
    const isFew = matching.length < Math.abs(this.position - start) / 2;
    return isFew ? matching.map(withOwnPayload) : matching;
  }

  #read({ frames, proven }: FramePage, end: Seq, matching: Entry[]): void {
    if (frames.length === 0) {
      throw this.#isReverse ? new GapError(end, this.position) : new GapError(this.position, end);
    }
    for (const [index, bytes] of frames.entries()) {
      if (this.#isPast(end)) break;
      for (const entry of this.#entriesOf(bytes, index < proven)) {
        if (this.#isPast(end)) break;
        // A frame may begin before the position.
        if (entry.seq !== this.position) continue;
        this.position += this.#isReverse ? -1 : 1;
        if (this.#matches(entry)) matching.push(entry);
      }
    }
  }

  #entriesOf(bytes: Uint8Array, isProven: boolean): Iterable<Entry> {
    const entries = this.#check.entriesOf(bytes, this.position, isProven);
    return this.#isReverse ? [...entries].toReversed() : entries;
  }

  #isPast(end: Seq): boolean {
    return this.#isReverse ? this.position < end : this.position > end;
  }
}

function withOwnPayload(entry: Entry): Entry {
  const { payload } = entry;
  return payload.buffer.byteLength === payload.length
    ? entry
    : { ...entry, payload: payload.slice() };
}
