import {
  concatMap,
  defaultIfEmpty,
  defer,
  filter,
  from,
  map,
  of,
  take,
  type Observable,
} from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { Entry, Seq } from "../model/entry.ts";
import type { EntryQuery } from "../model/Run.ts";
import { EntryCursor } from "./EntryCursor.ts";
import type { LogSource } from "./LogSource.ts";
import { watermarkNow$ } from "./watermarkNow.ts";

/** Some entries, or the end of them. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly isLast: boolean;
}

/** Entries, page by page. */
export interface Pages {
  /** The next page; waits for it where a log is followed live. Emits one and completes. */
  next(): Observable<EntryPage>;
  /** Nobody wants more: lets go of what is read. A second call does nothing. */
  end(): void;
}

/** Nothing, so far. */
export const NOTHING_YET: EntryPage = { entries: [], isLast: false };
/** Nothing, and nothing more. */
export const END: EntryPage = { entries: [], isLast: true };

/**
 * The pages of a query over one log, which is borrowed until their end. Without `live` they end where
 * the log ends at the start, whoever writes it: it is looked at once, and only where that may matter.
 */
export function pagesOf(source: LogSource, query: EntryQuery): Observable<Pages> {
  const { to = Number.MAX_SAFE_INTEGER, live } = query;
  return defer(() =>
    live === true || to <= source.watermark ? of(source.watermark) : watermarkNow$(source),
  ).pipe(
    concatMap(() => source.borrow()),
    map((log) => new EntryPages(source, log, query)),
  );
}

/**
 * Reads a log in pages: each subscription to {@link EntryPages.next} reads one. History first, then,
 * with `live`, whatever becomes durable: the log itself is the buffer, so there is no gap and no
 * duplicate where the two meet.
 */
class EntryPages implements Pages {
  readonly #source: LogSource;
  readonly #log: RunLog;
  readonly #query: EntryQuery;
  readonly #cursor: EntryCursor;
  readonly #end: Seq;
  #isCaughtUp = false;
  #isOver = false;

  constructor(source: LogSource, log: RunLog, query: EntryQuery) {
    this.#source = source;
    this.#log = log;
    this.#query = query;
    const { from: first = 1, to = Number.MAX_SAFE_INTEGER, reverse, live } = query;
    const last = live === true ? to : Math.min(to, source.watermark);
    const frames = { framesFrom: this.#framesFrom.bind(this) };
    this.#cursor = new EntryCursor(frames, query, reverse === true ? last : first);
    this.#end = reverse === true ? first : last;
  }

  next(): Observable<EntryPage> {
    return defer(() => {
      const { position } = this.#cursor;
      if (this.#query.reverse === true)
        return position < this.#end ? of(END) : this.#read(this.#end);
      if (position > this.#end) {
        this.#tellCaughtUp(this.#end);
        return of(END);
      }
      const { watermark } = this.#source;
      if (position <= watermark) return this.#read(Math.min(this.#end, watermark));
      if (this.#query.live !== true) return of(END);
      return this.#isCaughtUp ? this.#await(position) : this.#catchUp(position);
    });
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cursor.end();
    this.#source.giveBack();
  }

  /** Asked anew each time: between two reads of a page the run may have halted. */
  #framesFrom(...asked: Parameters<RunLog["framesFrom"]>): ReturnType<RunLog["framesFrom"]> {
    this.#source.checkReadable();
    return this.#log.framesFrom(...asked);
  }

  #read(end: Seq): Observable<EntryPage> {
    this.#source.checkReadable();
    const isStale = this.#log.watermark < Math.max(end, this.#cursor.position);
    const fresh$: Observable<unknown> = isStale ? from(this.#log.refresh()) : of(end);
    return fresh$.pipe(
      concatMap(() => this.#cursor.pageUpTo(end)),
      map((entries) => ({ entries, isLast: false })),
    );
  }

  /** Caught up is judged by how far the log is now, not by the last look at it. */
  #catchUp(position: Seq): Observable<EntryPage> {
    return watermarkNow$(this.#source).pipe(
      concatMap(() => {
        const { watermark } = this.#source;
        if (position <= watermark) return of(NOTHING_YET);
        this.#tellCaughtUp(watermark);
        return this.#await(position);
      }),
    );
  }

  #await(position: Seq): Observable<EntryPage> {
    return this.#source.watermark$.pipe(
      filter((watermark) => watermark >= position),
      take(1),
      map(() => NOTHING_YET),
      defaultIfEmpty(END),
    );
  }

  #tellCaughtUp(seq: Seq): void {
    if (this.#isCaughtUp || this.#query.live !== true) return;
    this.#isCaughtUp = true;
    this.#query.onCaughtUp?.(seq);
  }
}
