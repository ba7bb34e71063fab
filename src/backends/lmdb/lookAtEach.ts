import { inTime } from "./inTime.ts";

/** As many as Node's threads can do something for, twice. */
const LOOKS_AT_ONCE = 8;

/** What a look at each of these gives, in their order: a few at a time, each few with a limit. */
export async function lookAtEach<Item, Result>(
  items: readonly Item[],
  look: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += LOOKS_AT_ONCE) {
    const some = items.slice(at, at + LOOKS_AT_ONCE);
    results.push(...(await inTime(() => Promise.all(some.map(look)))));
  }
  return results;
}
