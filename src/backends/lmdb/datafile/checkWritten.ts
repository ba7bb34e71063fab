import { CorruptedError } from "../../../model/errors.ts";
import type { Row } from "../Rows.ts";
import { Cursor } from "./Cursor.ts";
import { damagedPage } from "./damagedPage.ts";
import { SLICE_MS } from "./FullCheck.ts";
import { compareKeys } from "./keyOrder.ts";
import type { Page } from "./Page.ts";
import type { Snapshot } from "./Snapshot.ts";
import type { TreeRecord } from "./treeRecord.ts";

/** What two transactions in a row have left. */
export interface SnapshotPair {
  readonly newer: Snapshot;
  readonly older: Snapshot;
}

/** How a row came to be what it is. */
export interface RowChange {
  /** What stood under its key before, if anything did. */
  readonly before: Uint8Array | undefined;
  /** The transaction that has written it. */
  readonly txnid: number;
}

/** Whether a row tells by itself that it is what a transaction has stored under its key. */
export type IsProven = (row: Row, change: RowChange) => boolean;

/** A row of a leaf. */
interface Place {
  readonly page: Page;
  readonly index: number;
}

/**
 * Checks that everything which a transaction has written is there, and not what stood in its place
 * before. LMDB never writes over a page that the transaction before it leads to: so each page that a
 * tree comes to is one of those, or says that this transaction has written it. Of the latter a part
 * may be there, so each of its rows is as it was before, or new and proven. No row goes away, and as
 * many have come as the meta page says. All of that in slices, after which others have their turn.
 *
 * @throws {@link CorruptedError} where something is not there; or damaged, also in the older one.
 */
export function* checkWritten(pair: SnapshotPair, isProven: IsProven): Generator<undefined, void> {
  let newRows = 0;
  // What is on the leaves of the free tree the check of the whole state has to tell.
  yield* inSlices(writtenLeaves(pair, "free"), () => {});
  yield* inSlices(writtenLeaves(pair, "main"), (leaf) => {
    newRows += checkLeaf(pair, leaf, isProven);
  });
  const { newer, older } = pair;
  if (newer.meta.main.sums.rows !== older.meta.main.sums.rows + newRows) {
    throw new CorruptedError(`the last transaction has ${newRows} new rows, and says otherwise`);
  }
}

/** Takes a step with each leaf, of pages that come one after the other. */
function* inSlices(
  pages: Iterable<Cursor | undefined>,
  step: (leaf: Cursor) => void,
): Generator<undefined, void> {
  let until = performance.now() + SLICE_MS;
  for (const leaf of pages) {
    if (leaf !== undefined) step(leaf);
    if (performance.now() < until) continue;
    yield;
    until = performance.now() + SLICE_MS;
  }
}

/**
 * Goes to the leaves that the newer one has written; all else, for which undefined is given, stood
 * in the tree of the older one.
 */
function* writtenLeaves(
  { newer, older }: SnapshotPair,
  tree: TreeRecord["name"],
): Generator<Cursor | undefined, void> {
  const isOld = ({ txnid }: Page): boolean => txnid < newer.meta.txnid;
  const known = new Set<number>();
  const onPage = ({ pageNumber }: Page): void => void known.add(pageNumber);
  const cursor = new Cursor(newer, newer.meta[tree], { isEnd: isOld });
  for (let isThere = cursor.seekFirst(); isThere; isThere = cursor.nextLeaf()) {
    const { page } = cursor;
    if (isOld(page) && !known.has(page.pageNumber)) {
      // The first key of a branch has no meaning.
      new Cursor(older, older.meta[tree], { onPage }).seek(page.keyAt(page.isLeaf ? 0 : 1));
      if (!known.has(page.pageNumber)) throw damagedPage(page.pageNumber, "was never written");
    }
    yield isOld(page) ? undefined : cursor;
  }
}

/** Checks the rows of a leaf against those that stood in its range before; gives how many are new. */
function checkLeaf(pair: SnapshotPair, leaf: Cursor, isProven: IsProven): number {
  const { page } = leaf;
  const stood = rowsInRange(pair.older, leaf);
  let before = stood.next().value;
  let newRows = 0;
  for (let index = 0; index < page.count; index += 1) {
    const place = { page, index };
    const stoodAt = isUnder(before, page.keyAt(index)) ? before : undefined;
    const isKept = stoodAt !== undefined && isSame(place, stoodAt);
    if (!isKept && !isWritten(pair, { place, stoodAt }, isProven)) {
      throw damagedPage(page.pageNumber, "has a row that was never written");
    }
    if (stoodAt === undefined) newRows += 1;
    else before = stood.next().value;
  }
  // One that was passed by stays the next one until the end.
  if (before === undefined) return newRows;
  throw damagedPage(page.pageNumber, "lacks a row that was there before");
}

/** Goes to the rows that stood where the keys of a leaf are. */
function* rowsInRange(older: Snapshot, { from, below }: Cursor): Generator<Cursor, undefined> {
  const before = new Cursor(older, older.meta.main);
  const isInRange = (): boolean =>
    below === undefined || compareKeys(before.key, below, "bytes") < 0;
  let isThere = from === undefined ? before.seekFirst() : before.seek(from);
  while (isThere && isInRange()) {
    yield before;
    isThere = before.next();
  }
}

function isUnder(row: Cursor | undefined, key: Uint8Array): boolean {
  return row !== undefined && compareKeys(row.key, key, "bytes") === 0;
}

/** Whether a row is all there as the transaction has written it. */
function isWritten(
  { newer, older }: SnapshotPair,
  { place, stoodAt }: { readonly place: Place; readonly stoodAt: Place | undefined },
  isProven: IsProven,
): boolean {
  const { txnid } = newer.meta;
  const overflow = place.page.overflowAt(place.index);
  if (overflow !== undefined && overflow.txnid !== txnid) return false;
  const row = { key: place.page.keyAt(place.index), value: newer.valueAt(place) };
  const before = stoodAt === undefined ? undefined : older.valueAt(stoodAt);
  return isProven(row, { before, txnid });
}

/** Whether two rows have the same value: on their pages, or on the same ones. */
function isSame(a: Place, b: Place): boolean {
  const [overflow, other] = [a.page.overflowAt(a.index), b.page.overflowAt(b.index)];
  if (overflow === undefined || other === undefined) {
    if (overflow !== other) return false;
    const [value, otherValue] = [a.page.inlineValueAt(a.index), b.page.inlineValueAt(b.index)];
    return Buffer.compare(value, otherValue) === 0;
  }
  return (
    overflow.pageNumber === other.pageNumber &&
    overflow.txnid === other.txnid &&
    overflow.pageCount === other.pageCount &&
    overflow.byteLength === other.byteLength
  );
}
