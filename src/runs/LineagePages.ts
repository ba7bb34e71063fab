import { concatMap, defer, EMPTY, map, of, tap, type Observable } from "rxjs";
import type { Seq } from "../model/entry.ts";
import type { EntryQuery } from "../model/Run.ts";
import { END, NOTHING_YET, pagesOf, type EntryPage, type Pages } from "./EntryPages.ts";
import type { FollowedRun } from "./FollowedRun.ts";
import type { Sequel } from "./sequelOf.ts";

/** The pages of a query over a run and those that continue it; the run itself is not closed. */
export function lineagePages$(run: FollowedRun, query: EntryQuery): Observable<Pages> {
  const lineage = new LineagePages(query);
  return lineage.begin(run).pipe(map(() => lineage));
}

/** Reads a run live to its end, then its child, and so on. */
class LineagePages implements Pages {
  readonly #query: EntryQuery;
  #run: FollowedRun | undefined;
  #pages: Pages | undefined;
  /** Closes the run that is read, where it was opened here. */
  #close: () => void = () => {};
  #isOver = false;
  #isCaughtUp = false;
  /** How far the history of the run that is read reaches, as long as nobody was told. */
  #reached: Seq | undefined;

  constructor(query: EntryQuery) {
    this.#query = query;
  }

  begin(run: FollowedRun): Observable<unknown> {
    return this.#enter(run, this.#query.from ?? 1);
  }

  next(): Observable<EntryPage> {
    return defer(() => this.#pages?.next() ?? of(END)).pipe(
      concatMap((page) => (page.isLast ? this.#goOn() : of(page))),
    );
  }

  end(): void {
    this.#isOver = true;
    this.#leave();
  }

  #enter(run: FollowedRun, from: Seq): Observable<unknown> {
    this.#run = run;
    this.#reached = undefined;
    const onCaughtUp = (seq: Seq): void => this.#reach(seq);
    return pagesOf(run.patientSource, { ...this.#query, from, onCaughtUp }).pipe(
      tap((pages) => {
        this.#pages = pages;
      }),
    );
  }

  #leave(): void {
    this.#pages?.end();
    this.#pages = undefined;
    this.#close();
    this.#close = () => {};
  }

  #goOn(): Observable<EntryPage> {
    const run = this.#run;
    if (run === undefined || this.#isOver) return of(END);
    return run.sequel$().pipe(concatMap((sequel) => this.#follow(run, sequel)));
  }

  /** Nothing, as long as a child may yet come. */
  #follow(run: FollowedRun, sequel: Sequel): Observable<EntryPage> {
    if ("child" in sequel) {
      return run.sibling$(sequel.child).pipe(
        concatMap((child) => this.#enterChild(child)),
        map(() => NOTHING_YET),
      );
    }
    if (this.#reached !== undefined) this.#tellCaughtUp(this.#reached);
    return sequel.mayCome ? EMPTY : of(END);
  }

  #enterChild(child: FollowedRun): Observable<unknown> {
    this.#leave();
    // It was only read: what goes wrong when it is let go of is nobody's loss.
    this.#close = () => void child.close().catch(() => undefined);
    this.#query.onChild?.(child.manifest);
    return this.#enter(child, 1);
  }

  /** A run that is sealed may have a child, and that more history. */
  #reach(seq: Seq): void {
    if (this.#run?.manifest.status === "running") this.#tellCaughtUp(seq);
    else this.#reached = seq;
  }

  #tellCaughtUp(seq: Seq): void {
    if (this.#isCaughtUp) return;
    this.#isCaughtUp = true;
    this.#query.onCaughtUp?.(seq);
  }
}
