import { firstValueFrom, noop, Subject, takeUntil } from "rxjs";
import type { Entry } from "../model/entry.ts";
import type { EntryQuery } from "../model/Run.ts";
import { EntryPages, type EntryPage } from "./EntryPages.ts";
import type { LogSource } from "./LogSource.ts";

const END: EntryPage = { entries: [], isLast: true };
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * All entries of a query, pulled: the next page is read when the last one is used up. Not a
 * generator: its `return` would wait behind a `next` that waits for the next entry to come.
 */
export function iterate(source: LogSource, query: EntryQuery): AsyncIterator<Entry, undefined> {
  return new EntryIterator(source, query);
}

class EntryIterator implements AsyncIterator<Entry, undefined> {
  readonly #source: LogSource;
  readonly #query: EntryQuery;
  readonly #returned = new Subject<void>();
  #pages: EntryPages | undefined;
  #page: readonly Entry[] = [];
  #at = 0;
  #isDone = false;
  /** The question before, while it is not answered: answers come in the order of the questions. */
  #last: Promise<unknown> | undefined;

  constructor(source: LogSource, query: EntryQuery) {
    this.#source = source;
    this.#query = query;
  }

  next(): Promise<IteratorResult<Entry, undefined>> {
    const answer = this.#last?.then(() => this.#next()) ?? this.#next();
    const last = answer.then(noop, noop).then(() => {
      if (this.#last === last) this.#last = undefined;
    });
    this.#last = last;
    return answer;
  }

  return(): Promise<IteratorResult<Entry, undefined>> {
    this.#end();
    this.#returned.next();
    return Promise.resolve(DONE);
  }

  async #next(): Promise<IteratorResult<Entry, undefined>> {
    try {
      while (!this.#isDone && this.#at === this.#page.length) await this.#turnPage();
    } catch (failure) {
      this.#end();
      throw failure;
    }
    const entry = this.#isDone ? undefined : this.#page[this.#at];
    this.#at += 1;
    return entry === undefined ? DONE : { done: false, value: entry };
  }

  async #turnPage(): Promise<void> {
    this.#pages ??= await this.#open();
    if (this.#isDone) return;
    const { entries, isLast } = await firstValueFrom(
      this.#pages.next().pipe(takeUntil(this.#returned)),
      { defaultValue: END },
    );
    this.#page = entries;
    this.#at = 0;
    if (isLast) this.#end();
  }

  async #open(): Promise<EntryPages> {
    const log = await firstValueFrom(this.#source.borrow());
    // Who left while the log was opened gives it back here.
    if (this.#isDone) this.#source.giveBack();
    return new EntryPages(this.#source, log, this.#query);
  }

  #end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#page = [];
    this.#at = 0;
    if (this.#pages !== undefined) this.#source.giveBack();
  }
}
