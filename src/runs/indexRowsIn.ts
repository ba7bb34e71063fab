import type { RunLog } from "../backends/Backend.ts";
import type { IndexRow } from "../format/Frame.ts";
import { awaited } from "./awaited.ts";

/** Every row of an index, by kind and key, a page in memory at a time. */
export async function* indexRowsIn(log: RunLog): AsyncGenerator<IndexRow, void, undefined> {
  for await (const kind of kindsIn(log)) {
    let after: string | undefined;
    for (;;) {
      const page = await awaited(log.indexKeys(kind, after));
      if (page.length === 0) break;
      for (const { key, seq } of page) yield { kind, key, seq };
      after = page.at(-1)?.key;
    }
  }
}

async function* kindsIn(log: RunLog): AsyncGenerator<string, void, undefined> {
  let after: string | undefined;
  for (;;) {
    const page = await awaited(log.indexKinds(after));
    if (page.length === 0) return;
    yield* page;
    after = page.at(-1);
  }
}
