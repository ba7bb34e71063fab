import type { EntryQuery, RunReader } from "../index.ts";
import { lastSeqOf } from "./progress.ts";

/** How many of the last entries are wanted, and how long they may be looked for. */
interface LastEntries {
  readonly count: number;
  /** Whether what comes after them is wanted, too. */
  readonly isFollowing: boolean;
  readonly stopping: AbortSignal;
}

/**
 * The query for the last so many entries of another, oldest first. Where they begin is found from the
 * end; none of them is held.
 */
export async function lastEntries(
  reader: RunReader,
  query: EntryQuery,
  { count, isFollowing, stopping }: LastEntries,
): Promise<EntryQuery> {
  if (count === 0) {
    return isFollowing ? { ...query, from: (await lastSeqOf(reader)) + 1 } : { ...query, to: 0 };
  }
  let first: number | undefined;
  let last = 0;
  let left = count;
  const entries = reader.entries({ ...query, reverse: true })[Symbol.asyncIterator]();
  // A rare topic may have been recorded long ago: whoever stops does not wait for it.
  const stop = (): void => void entries.return?.();
  stopping.addEventListener("abort", stop, { once: true });
  for await (const { seq } of { [Symbol.asyncIterator]: () => entries }) {
    first = seq;
    last = Math.max(last, seq);
    left -= 1;
    if (left === 0) break;
  }
  stopping.removeEventListener("abort", stop);
  const from = first === undefined ? {} : { from: first };
  // What somebody records meanwhile is not among them.
  return { ...query, ...from, ...(isFollowing ? {} : { to: last }) };
}
