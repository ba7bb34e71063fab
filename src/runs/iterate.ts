import { firstValueFrom } from "rxjs";
import type { Entry } from "../model/entry.ts";
import type { EntryQuery } from "../model/Run.ts";
import { EntryPages } from "./EntryPages.ts";
import type { LogSource } from "./LogSource.ts";

/** All entries of a query, pulled: the next page is read when the last one is used up. */
export async function* iterate(source: LogSource, query: EntryQuery): AsyncGenerator<Entry> {
  const log = await firstValueFrom(source.borrow());
  try {
    const pages = new EntryPages(source, log, query);
    for (;;) {
      const { entries, isLast } = await firstValueFrom(pages.next());
      if (isLast) return;
      yield* entries;
    }
  } finally {
    source.giveBack();
  }
}
