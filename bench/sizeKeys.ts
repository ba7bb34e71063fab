import type { EntryDraft } from "../src/model/entry.ts";
import { BATCH_ENTRIES, draftOf } from "./drafts.ts";

/** The kind of key that one entry of a batch carries. */
export const KEY_KIND = "clientOrderId";

/** Prime to 2^32: every number is scattered to another one. */
const SCATTER = 2_654_435_761;

/** The draft of a turn: the first of every 100 carries a key of its own. */
export function keyedDraftOf(turn: number): EntryDraft {
  const draft = draftOf(turn);
  if (turn % BATCH_ENTRIES !== 0) return draft;
  return { ...draft, indexKeys: [{ kind: KEY_KIND, key: keyOf(turn / BATCH_ENTRIES) }] };
}

/** The key of that number. Neighbours lie far apart in the index, as the ids of orders may. */
export function keyOf(number: number): string {
  const scattered = Number((BigInt(number) * BigInt(SCATTER)) % 2n ** 32n);
  return `O-${scattered.toString(16).padStart(8, "0")}`;
}
