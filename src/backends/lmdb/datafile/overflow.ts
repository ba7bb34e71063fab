import { readSafeUint64 } from "../../../format/uint64.ts";
import { damagedPage } from "./damagedPage.ts";
import * as layout from "./pageLayout.ts";

/** Pages in a row that hold the value of one row of a tree, and nothing else. */
export interface Overflow {
  readonly pageNumber: number;
  /** The transaction that wrote them. */
  readonly txnid: number;
  readonly pageCount: number;
  readonly byteLength: number;
}

/** What stands in a row in place of its value. */
export const OVERFLOW_BYTES = 24;
const AT_REFERENCE_TXNID = 8;
const AT_REFERENCE_PAGES = 16;

/** LMDB cannot write a longer one. */
export const MAX_VALUE_BYTES: number = 2 ** 31 - 1;

/** Decodes what stands in place of a value; numbers that none can be become such as fit nowhere. */
export function decodeOverflow(view: DataView, at: number, byteLength: number): Overflow {
  return {
    pageNumber: readSafeUint64(view, at) ?? 0,
    txnid: readSafeUint64(view, at + AT_REFERENCE_TXNID) ?? Number.POSITIVE_INFINITY,
    pageCount: readSafeUint64(view, at + AT_REFERENCE_PAGES) ?? 0,
    byteLength,
  };
}

/** Checks what the first of the pages begins with. @throws {@link CorruptedError} */
export function checkOverflow(bytes: Buffer, overflow: Overflow): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, layout.PAGE_HEADER_BYTES);
  const isItself =
    readSafeUint64(view, layout.AT_PAGE_NUMBER) === overflow.pageNumber &&
    readSafeUint64(view, layout.AT_TXNID) === overflow.txnid &&
    view.getUint16(layout.AT_FLAGS, true) === layout.OVERFLOW_FLAG &&
    view.getUint32(layout.AT_PAGE_COUNT, true) === overflow.pageCount;
  if (!isItself) throw damagedPage(overflow.pageNumber, "does not hold the value of its row");
}
