import { readSafeUint64, TWO_32 } from "../../../format/uint64.ts";
import { CorruptedError } from "../../../model/errors.ts";

/** Pages in a row. */
export interface PageSpan {
  readonly pageNumber: number;
  readonly pageCount: number;
}

const WORD_BYTES = 8;
/** The high half of a word whose sign bit is set begins here. */
const NEGATIVE = 0x8000_0000;

/**
 * The pages in a row of the tree of free pages: the number of words that follow, then page numbers,
 * zeros that mean nothing, and negative numbers, each of which makes a span of the next page number.
 *
 * @throws {@link CorruptedError} where LMDB would read beyond the row.
 */
export function* freePagesIn(row: Uint8Array): Generator<PageSpan> {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const words = row.byteLength >= WORD_BYTES ? readSafeUint64(view, 0) : undefined;
  if (words === undefined || (words + 1) * WORD_BYTES > row.byteLength) {
    throw new CorruptedError("a row of free pages is longer than its bytes");
  }
  let pageCount = 1;
  for (let word = 1; word <= words; word += 1) {
    const at = word * WORD_BYTES;
    const high = view.getUint32(at + WORD_BYTES / 2, true);
    if (high >= NEGATIVE) {
      pageCount = -((high - TWO_32) * TWO_32 + view.getUint32(at, true));
      continue;
    }
    const pageNumber = readSafeUint64(view, at);
    if (pageNumber === undefined) throw new CorruptedError("a free page cannot be one");
    if (pageNumber !== 0) yield { pageNumber, pageCount };
    pageCount = 1;
  }
}
