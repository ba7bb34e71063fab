import { AT_FREE_TREE, AT_LAST_PAGE, AT_TXNID } from "../../../src/backends/lmdb/datafile/metas.ts";
import * as layout from "../../../src/backends/lmdb/datafile/pageLayout.ts";

/** That of every file that lmdb makes. */
export const PAGE_BYTES = 4_096;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
/** Where a meta page has the roots of its trees: at the end of the record of each. */
const AT_ROOTS = { free: AT_FREE_TREE + 40, main: AT_LAST_PAGE - 8 };

/** What a meta page says. */
export interface FoundMeta {
  readonly txnid: number;
  readonly lastPage: number;
  /** The roots of both trees; NaN where a tree is empty. */
  readonly main: number;
  readonly free: number;
}

/** The meta page of the last transaction in a file, or the one that is asked for. */
export function metaOf(file: Buffer, pageNumber?: 0 | 1): FoundMeta {
  const [first, second] = [0, PAGE_BYTES].map((at) => decoded(file.subarray(at))) as [
    FoundMeta,
    FoundMeta,
  ];
  if (pageNumber !== undefined) return pageNumber === 0 ? first : second;
  return first.txnid > second.txnid ? first : second;
}

/** The transaction that has written a page, as the page says. */
export function txnidOf(page: Buffer): number {
  return Number(page.readBigUInt64LE(layout.AT_TXNID));
}

/** All that the last transaction in a file leads to, by the number of the first page of each. */
export function pagesOf(file: Buffer): Map<number, Buffer> {
  const pages = new Map<number, Buffer>();
  const { main, free } = metaOf(file);
  for (const root of [main, free]) if (!Number.isNaN(root)) take(file, root, pages);
  return pages;
}

function take(file: Buffer, pageNumber: number, pages: Map<number, Buffer>): void {
  const page = spanOf(file, pageNumber, 1);
  pages.set(pageNumber, page);
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  for (let index = 0; index < layout.nodeCount(view); index += 1) {
    const at = layout.nodeAt(view, index);
    if (!layout.isLeaf(view)) take(file, page.readUIntLE(at, 6), pages);
    else if ((page.readUInt16LE(at + layout.AT_NODE_FLAGS) & layout.IS_OVERFLOW) !== 0) {
      const keyBytes = page.readUInt16LE(at + layout.AT_KEY_BYTES);
      const first = Number(page.readBigUInt64LE(at + layout.NODE_HEADER_BYTES + keyBytes));
      const pageCount = file.readUInt32LE(first * PAGE_BYTES + layout.AT_PAGE_COUNT);
      pages.set(first, spanOf(file, first, pageCount));
    }
  }
}

function spanOf(file: Buffer, pageNumber: number, pageCount: number): Buffer {
  return file.subarray(pageNumber * PAGE_BYTES, (pageNumber + pageCount) * PAGE_BYTES);
}

function decoded(meta: Buffer): FoundMeta {
  const pageAt = (at: number): number => {
    const pageNumber = meta.readBigUInt64LE(at);
    return pageNumber === NO_PAGE ? Number.NaN : Number(pageNumber);
  };
  return {
    txnid: Number(meta.readBigUInt64LE(AT_TXNID)),
    lastPage: Number(meta.readBigUInt64LE(AT_LAST_PAGE)),
    main: pageAt(AT_ROOTS.main),
    free: pageAt(AT_ROOTS.free),
  };
}
