import {
  concatMap,
  finalize,
  from,
  queueScheduler,
  repeat,
  scheduled,
  takeWhile,
  type Observable,
} from "rxjs";
import type { Entry } from "../model/entry.ts";
import type { EntryQuery } from "../model/Run.ts";
import { EntryPages } from "./EntryPages.ts";
import type { LogSource } from "./LogSource.ts";

/** All entries of a query, pushed: without a Promise where the log needs none. Cold. */
export function observe$(source: LogSource, query: EntryQuery): Observable<Entry> {
  return source.borrow().pipe(
    concatMap((log) =>
      new EntryPages(source, log, query).next().pipe(
        // By way of the queue: a log that answers at once would grow the stack by every page.
        repeat({ delay: () => scheduled([undefined], queueScheduler) }),
        takeWhile(({ isLast }) => !isLast),
        concatMap(({ entries }) => from(entries)),
        finalize(() => source.giveBack()),
      ),
    ),
  );
}
