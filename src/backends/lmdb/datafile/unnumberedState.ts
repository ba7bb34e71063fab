import { CorruptedError } from "../../../model/errors.ts";
import { checkState } from "./checkState.ts";
import { areSame, metaPair, type Meta, type MetaBytes } from "./metas.ts";
import type { PageFile } from "./PageFile.ts";
import { Snapshot } from "./Snapshot.ts";

/**
 * The last state of a file, with the number of its transaction, where its meta page has that of the
 * transaction two before; undefined where the last state has its number. Found in slices: what comes
 * after one can wait.
 *
 * Damage to one bit can do that, and LMDB does it: a meta page that it could not write it writes once
 * more, with the new trees and the old number, lest readers take it for durable. The one transaction
 * was acknowledged and the other was not, and where the file has not grown since nothing tells them
 * apart. But where both are whole, both can be kept. One that needs more pages than its meta page
 * says was never acknowledged, and does not count.
 *
 * @throws {@link CorruptedError} for meta pages that LMDB does not write.
 */
export function* unnumberedState(file: PageFile): Generator<undefined, Meta | undefined> {
  const metas = file.readMetas();
  // A writer that is two commits on by now may be using the pages again, and one that commits just
  // now may have been read in the middle of it.
  const isUnchanged = (): boolean => areSame(file.readMetas(), metas);
  try {
    const state = suspectIn(metas, file.pageBytes);
    const isLast = state !== undefined && (yield* isWhole(file, state));
    return isLast && isUnchanged() ? state : undefined;
  } catch (error) {
    if (isUnchanged()) throw error;
    return undefined;
  }
}

/** What the older meta page would be as the last one, unless the file has grown since it. */
function suspectIn(metas: MetaBytes, pageBytes: number): Meta | undefined {
  const { newer, older } = metaPair(...metas, pageBytes);
  return older.lastPage < newer.lastPage ? undefined : { ...older, txnid: newer.txnid + 1 };
}

/** Whether a transaction has left a state, and all of it. */
function* isWhole(file: PageFile, state: Meta): Generator<undefined, boolean> {
  const snapshot = new Snapshot(file, state, new Map());
  const { root, order, depth } = state.main;
  if (root === undefined) return false;
  try {
    const { txnid } = snapshot.page(root, { order, isLeaf: depth === 1, maxTxnid: state.txnid });
    if (txnid < state.txnid) return false;
    yield* checkState(file, snapshot);
    return true;
  } catch (error) {
    if (error instanceof CorruptedError) return false;
    throw error;
  }
}
