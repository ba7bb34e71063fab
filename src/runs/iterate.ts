import { firstValueFrom, Subject, takeUntil, type Observable } from "rxjs";
import type { Entry } from "../model/entry.ts";
import { END, type Pages } from "./EntryPages.ts";

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * All entries of some pages, pulled: the next page is read when the last one is used up. Not a
 * generator: its `return` would wait behind a `next` that waits for the next entry to come.
 */
export function iterate(open: () => Observable<Pages>): AsyncIterator<Entry, undefined> {
  return new EntryIterator(open);
}

class EntryIterator implements AsyncIterator<Entry, undefined> {
  readonly #openPages: () => Observable<Pages>;
  readonly #returned = new Subject<void>();
  #pages: Pages | undefined;
  #page: readonly Entry[] = [];
  #at = 0;
  #isDone = false;
  /** Questions that are not answered yet. */
  #waiting = 0;
  /** The last of them: answers come in the order of the questions. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(open: () => Observable<Pages>) {
    this.#openPages = open;
  }

  next(): Promise<IteratorResult<Entry, undefined>> {
    // Nearly every time: what else is done per entry would take longer than to decode it.
    if (this.#waiting === 0 && this.#at < this.#page.length) return Promise.resolve(this.#take());
    const answer = this.#waiting === 0 ? this.#next() : this.#last.then(() => this.#next());
    this.#waiting += 1;
    // Before whoever asked hears of it: the next question may be answered at once then, and no sooner.
    const answered = (): void => {
      this.#waiting -= 1;
    };
    this.#last = answer.then(answered, answered);
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
      return this.#take();
    } catch (failure) {
      this.#end();
      throw failure;
    }
  }

  #take(): IteratorResult<Entry, undefined> {
    const entry = this.#page[this.#at];
    if (entry === undefined) return DONE;
    this.#at += 1;
    return { done: false, value: entry };
  }

  async #turnPage(): Promise<void> {
    this.#pages ??= await this.#open();
    if (this.#isDone) return;
    const { entries, isLast } = await firstValueFrom(
      this.#pages.next().pipe(takeUntil(this.#returned)),
      { defaultValue: END },
    );
    // Who left while the page was on its way gets nothing of it.
    if (this.#isDone) return;
    this.#page = entries;
    this.#at = 0;
    if (isLast) this.#end();
  }

  async #open(): Promise<Pages> {
    const pages = await firstValueFrom(this.#openPages());
    // Who left while the log was opened gives it back here.
    if (this.#isDone) pages.end();
    return pages;
  }

  #end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#page = [];
    this.#at = 0;
    this.#pages?.end();
  }
}
