import {
  concatMap,
  defer,
  finalize,
  from,
  queueScheduler,
  repeat,
  scheduled,
  takeWhile,
  type Observable,
} from "rxjs";
import type { Entry } from "../model/entry.ts";
import type { Pages } from "./EntryPages.ts";

/** All entries of some pages, pushed: without a Promise where their log needs none. Cold. */
export function observe$(open: () => Observable<Pages>): Observable<Entry> {
  return defer(open).pipe(
    concatMap((pages) =>
      pages.next().pipe(
        // By way of the queue: a log that answers at once would grow the stack by every page.
        repeat({ delay: () => scheduled([undefined], queueScheduler) }),
        takeWhile(({ isLast }) => !isLast),
        concatMap(({ entries }) => from(entries)),
        finalize(() => pages.end()),
      ),
    ),
  );
}
