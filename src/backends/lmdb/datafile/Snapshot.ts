import type { Row, RowRange, Rows } from "../Rows.ts";
import { Cursor } from "./Cursor.ts";
import { damagedPage } from "./damagedPage.ts";
import { compareKeys, type KeyOrder } from "./keyOrder.ts";
import { META_PAGES, type Meta } from "./metas.ts";
import { checkOverflow, type Overflow } from "./overflow.ts";
import { Page } from "./Page.ts";
import type { PageFile } from "./PageFile.ts";
import { PAGE_HEADER_BYTES } from "./pageLayout.ts";

/** What whoever leads to a page of a tree knows of it. */
export interface PageExpectation {
  readonly order: KeyOrder;
  readonly isLeaf: boolean;
  /** The transaction of what leads there: with a page, all above it are written anew. */
  readonly maxTxnid: number;
}

/** A value that was read of overflow pages. */
export interface ReadValue {
  /** The transaction that wrote it. */
  readonly txnid: number;
  readonly bytes: Uint8Array;
}

/** Rows of a snapshot, by their keys. */
export interface SnapshotRange extends RowRange {
  /**
   * Where the start has no row: begins with the last one before it that is above this key. Without
   * meaning in reverse, which always begins like that.
   */
  readonly orBefore?: Uint8Array;
}

/** 4 MiB of pages of the usual size: what leads to some 10 million entries, and many keys. */
const MAX_CACHED_PAGES = 1_024;

/**
 * The trees of a file as one transaction left them. What it gives holds as long as nothing of it has
 * been written over, which its owner finds out: see `Snapshots`.
 */
export class Snapshot implements Rows {
  readonly meta: Meta;
  readonly #file: PageFile;
  /** Pages that were read before, the oldest first. */
  readonly #pages = new Map<number, Page>();
  readonly #values: Map<number, ReadValue>;

  /**
   * @param values - what was read of overflow pages, by the first of them. A later snapshot that
   * still refers to them proves what was read, and need not read it again.
   */
  constructor(file: PageFile, meta: Meta, values: Map<number, ReadValue>) {
    this.#file = file;
    this.meta = meta;
    this.#values = values;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const cursor = new Cursor(this, this.meta.main);
    if (!cursor.seek(key) || compareKeys(cursor.key, key, "bytes") !== 0) return undefined;
    return this.valueAt(cursor);
  }

  /** Rows of the main tree. The value of one is read when it is asked for. */
  *getRange(range: SnapshotRange): Generator<SnapshotRow> {
    const { end, reverse, limit = Number.POSITIVE_INFINITY } = range;
    const isReverse = reverse === true;
    const cursor = new Cursor(this, this.meta.main);
    let isThere = seekStart(cursor, range);
    for (let count = 0; isThere && count < limit; count += 1) {
      const order = compareKeys(cursor.key, end, "bytes");
      if (isReverse ? order <= 0 : order >= 0) return;
      yield new TreeRow(this, cursor.page, cursor.index);
      isThere = isReverse ? cursor.previous() : cursor.next();
    }
  }

  /** A page of a tree. @throws {@link CorruptedError} where it is not what leads there says. */
  page(pageNumber: number, { order, isLeaf, maxTxnid }: PageExpectation): Page {
    const page = this.#pages.get(pageNumber) ?? this.#read(pageNumber, order);
    if (page.order !== order) throw damagedPage(pageNumber, "is part of two trees");
    if (page.isLeaf !== isLeaf) throw damagedPage(pageNumber, "is on the wrong level of its tree");
    if (page.txnid > maxTxnid) throw damagedPage(pageNumber, "is newer than what leads to it");
    return page;
  }

  /** The value of a row of a leaf, in bytes of its own. @throws {@link CorruptedError} */
  valueAt({ page, index }: { readonly page: Page; readonly index: number }): Uint8Array {
    const overflow = page.overflowAt(index);
    return overflow === undefined ? page.inlineValueAt(index) : this.overflowValue(overflow);
  }

  /** The value on overflow pages, in bytes of its own. @throws {@link CorruptedError} */
  overflowValue(overflow: Overflow): Uint8Array {
    const { pageNumber, txnid, byteLength } = overflow;
    const before = this.#values.get(pageNumber);
    if (before?.txnid === txnid && before.bytes.length === byteLength) return before.bytes;
    const bytes = this.#file.readFrom(pageNumber, PAGE_HEADER_BYTES + byteLength);
    checkOverflow(bytes, overflow);
    const value = { txnid, bytes: bytes.subarray(PAGE_HEADER_BYTES) };
    this.#values.set(pageNumber, value);
    return value.bytes;
  }

  /** What of such a value is on the first of its pages. @throws {@link CorruptedError} */
  overflowStart(overflow: Overflow): Uint8Array {
    const bytes = this.#file.readStart(overflow.pageNumber);
    checkOverflow(bytes, overflow);
    return bytes.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + overflow.byteLength);
  }

  /** Checks that there can be a value on pages, which are not looked at. @throws {@link CorruptedError} */
  checkSpan({ pageNumber, pageCount }: Overflow): void {
    if (pageNumber < META_PAGES || pageNumber + pageCount - 1 > this.meta.lastPage) {
      throw damagedPage(pageNumber, "cannot hold the value of a row");
    }
    this.#file.checkHas(pageNumber, pageCount);
  }

  #read(pageNumber: number, order: KeyOrder): Page {
    if (pageNumber < META_PAGES || pageNumber > this.meta.lastPage) {
      throw damagedPage(pageNumber, "cannot be a page of a tree");
    }
    const page = new Page(this.#file.readPage(pageNumber), pageNumber, order);
    if (this.#pages.size >= MAX_CACHED_PAGES) {
      for (const oldest of this.#pages.keys()) {
        this.#pages.delete(oldest);
        break;
      }
    }
    this.#pages.set(pageNumber, page);
    return page;
  }
}

/** To the first row of a range. */
function seekStart(cursor: Cursor, { start, reverse, orBefore }: SnapshotRange): boolean {
  if (reverse === true) return cursor.seekBack(start);
  if (orBefore === undefined) return cursor.seek(start);
  const isBefore = cursor.seekBack(start) && compareKeys(cursor.key, orBefore, "bytes") > 0;
  return isBefore || cursor.seek(start);
}

/** A row of a snapshot. */
export interface SnapshotRow extends Row {
  /** How its value begins: all of it, or what of it is on its first page. */
  readonly start: Uint8Array;
}

/** A row of a leaf. */
class TreeRow implements SnapshotRow {
  readonly #snapshot: Snapshot;
  readonly #page: Page;
  readonly #index: number;

  constructor(snapshot: Snapshot, page: Page, index: number) {
    this.#snapshot = snapshot;
    this.#page = page;
    this.#index = index;
  }

  get key(): Uint8Array {
    return this.#page.keyAt(this.#index);
  }

  get value(): Uint8Array {
    return this.#snapshot.valueAt({ page: this.#page, index: this.#index });
  }

  get start(): Uint8Array {
    const overflow = this.#page.overflowAt(this.#index);
    return overflow === undefined ? this.value : this.#snapshot.overflowStart(overflow);
  }
}
