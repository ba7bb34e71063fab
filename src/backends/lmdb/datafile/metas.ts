import { readSafeUint64 } from "../../../format/uint64.ts";
import { CorruptedError } from "../../../model/errors.ts";
import { damagedPage } from "./damagedPage.ts";
import {
  decodeTreeRecord,
  TREE_RECORD_BYTES,
  type TreeKind,
  type TreeRecord,
} from "./treeRecord.ts";

/** What a meta page says of the state that its transaction left. */
export interface Meta {
  /** Transactions with even numbers write page 0, the others page 1. */
  readonly pageNumber: number;
  readonly txnid: number;
  /** The last page that was ever used. The file may be longer, and shorter where it is free. */
  readonly lastPage: number;
  readonly main: TreeRecord;
  /** Which pages each transaction has freed. */
  readonly free: TreeRecord;
  /** The page as it was read: once it differs, a later transaction has been committed. */
  readonly bytes: Uint8Array;
}

/** What was read of both meta pages. */
export type MetaBytes = readonly [first: Buffer, second: Buffer];

/** The pages at the start of the file. */
export const META_PAGES = 2;
/** What is read of a meta page. */
export const META_BYTES = 168;

const META_FLAG = 0x8;
const MAGIC = 0xbeef_c0de;
const FORMAT = 2;
const PAGE_SIZES: ReadonlySet<number> = new Set([4_096, 8_192, 16_384, 32_768]);
/** The flag of a tree whose keys are numbers. */
const INTEGER_KEYS_FLAG = 0x8;

/** What each number of a meta page takes. */
export const NUMBER_BYTES = 8;
const AT_PAGE_NUMBER = 0;
const AT_PAGE_FLAGS = 18;
const AT_MAGIC = 24;
const AT_FORMAT = 28;
/** Where a meta page has its trees, followed by its last page. */
export const AT_FREE_TREE = 48;
const AT_MAIN_TREE = AT_FREE_TREE + TREE_RECORD_BYTES;
/** Where a meta page has its last page. */
export const AT_LAST_PAGE: number = AT_MAIN_TREE + TREE_RECORD_BYTES;
/** Where a meta page has the number of its transaction. */
export const AT_TXNID: number = AT_LAST_PAGE + NUMBER_BYTES;

/** LMDB keeps the size of pages where the record of the tree of free pages begins. */
const AT_PAGE_BYTES = AT_FREE_TREE;

/** The page size in a meta page. @throws {@link CorruptedError} for none that LMDB uses. */
export function pageBytesIn(meta: Uint8Array): number {
  const pageBytes = viewOf(meta).getUint32(AT_PAGE_BYTES, true);
  if (!PAGE_SIZES.has(pageBytes)) throw damagedPage(0, `has ${pageBytes} as the size of pages`);
  return pageBytes;
}

/** Whether nothing was committed between two readings. */
export function areSame(a: MetaBytes, b: MetaBytes): boolean {
  return a[0].equals(b[0]) && a[1].equals(b[1]);
}

/** The state that the last transaction left, and the one before it. */
export interface MetaPair {
  readonly newer: Meta;
  readonly older: Meta;
}

/** The newer one of {@link metaPair}. @throws {@link CorruptedError} */
export function newestMeta(first: Uint8Array, second: Uint8Array, pageBytes: number): Meta {
  return metaPair(first, second, pageBytes).newer;
}

/**
 * Checks both meta pages, which must be of two transactions in a row. LMDB itself would take the
 * older one where the newer is damaged, and forget a transaction.
 *
 * @throws {@link CorruptedError}
 */
export function metaPair(first: Uint8Array, second: Uint8Array, pageBytes: number): MetaPair {
  const metas = [decodeMeta(first, 0, pageBytes), decodeMeta(second, 1, pageBytes)] as const;
  const [older, newer] = metas[0].txnid < metas[1].txnid ? metas : [metas[1], metas[0]];
  // Both are 0 before the first transaction.
  const isInRow =
    newer.txnid === 0 ||
    (newer.txnid === older.txnid + 1 && newer.txnid % META_PAGES === newer.pageNumber);
  if (!isInRow) {
    const [a, b] = metas.map(({ txnid }) => txnid);
    throw new CorruptedError(`the meta pages are of transactions ${a} and ${b}`);
  }
  if (newer.lastPage < older.lastPage) {
    throw damagedPage(newer.pageNumber, `says that fewer pages are in use than before`);
  }
  return { newer, older };
}

function decodeMeta(bytes: Uint8Array, pageNumber: number, pageBytes: number): Meta {
  const view = viewOf(bytes);
  const isMeta =
    readSafeUint64(view, AT_PAGE_NUMBER) === pageNumber &&
    view.getUint16(AT_PAGE_FLAGS, true) === META_FLAG &&
    view.getUint32(AT_MAGIC, true) === MAGIC &&
    view.getUint32(AT_FORMAT, true) === FORMAT;
  if (!isMeta) throw damagedPage(pageNumber, "is no meta page of LMDB");
  const lastPage = readSafeUint64(view, AT_LAST_PAGE);
  const txnid = readSafeUint64(view, AT_TXNID);
  if (lastPage === undefined || lastPage < META_PAGES - 1 || txnid === undefined) {
    throw damagedPage(pageNumber, "has impossible numbers");
  }
  const tree = (at: number, kind: TreeKind): TreeRecord =>
    decodeTreeRecord(new DataView(view.buffer, view.byteOffset + at), kind, pageNumber);
  const freeKind = { name: "free", order: "uint64", flags: INTEGER_KEYS_FLAG } as const;
  return {
    pageNumber,
    txnid,
    lastPage,
    main: tree(AT_MAIN_TREE, { name: "main", order: "bytes", flags: 0, padding: 0 }),
    free: tree(AT_FREE_TREE, { ...freeKind, padding: pageBytes }),
    bytes,
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
