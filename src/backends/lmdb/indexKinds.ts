import { decodeIndexRow } from "./indexRow.ts";
import { INDEX_END, INDEX_START, indexKindOf, indexRangeOf } from "./keys.ts";
import type { Rows } from "./Rows.ts";

/** Kinds of one page, each of which takes a look down the tree. */
const PAGE_KINDS = 100;

/**
 * One page of the kinds of an index, in the order of their bytes, after the one given.
 *
 * @throws {@link CorruptedError} where the first row of a kind is damaged.
 */
export function indexKindsIn(rows: Rows, after: string | undefined): readonly string[] {
  const kinds: string[] = [];
  let start = after === undefined ? INDEX_START : indexRangeOf(after)?.end;
  while (start !== undefined && kinds.length < PAGE_KINDS) {
    const kind = firstKindFrom(rows, start);
    if (kind === undefined) break;
    kinds.push(kind);
    start = indexRangeOf(kind)?.end;
  }
  return kinds;
}

function firstKindFrom(rows: Rows, start: Uint8Array): string | undefined {
  for (const row of rows.getRange({ start, end: INDEX_END, limit: 1 })) {
    // The key is proven with the row.
    decodeIndexRow(row);
    return indexKindOf(row.key);
  }
  return undefined;
}
