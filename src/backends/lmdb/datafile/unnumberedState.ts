import { CorruptedError } from "../../../model/errors.ts";
import { FullCheck } from "./FullCheck.ts";
import { metaPair, type Meta } from "./metas.ts";
import type { PageFile } from "./PageFile.ts";
import { Snapshot } from "./Snapshot.ts";

/**
 * The last state of a file, with the number of its transaction, where its meta page has that of the
 * transaction two before; undefined where the last state has its number.
 *
 * Damage to one bit can do that, and LMDB does it: a meta page that it could not write it writes once
 * more, with the new trees and the old number, lest readers take it for durable. The one transaction
 * was acknowledged and the other was not, and where the file has not grown since nothing tells them
 * apart. But both are whole, for pages are on disk before a meta page is written, so that both can be
 * kept. One that needs more pages than its meta page says was never acknowledged, and does not count.
 */
export function unnumberedState(file: PageFile): Meta | undefined {
  const metas = file.readMetas();
  const { newer, older } = metaPair(...metas, file.pageBytes);
  if (older.lastPage < newer.lastPage) return undefined;
  const state: Meta = { ...older, txnid: newer.txnid + 1 };
  if (!isWhole(file, state)) return undefined;
  // A writer that is two commits on by now may be using the pages again, and one that commits just
  // now may have been read in the middle of it.
  const isUnchanged = file.readMetas().every((bytes, at) => bytes.equals(metas[at] ?? bytes));
  return isUnchanged ? state : undefined;
}

/** Whether a transaction has left a state, and all of it. */
function isWhole(file: PageFile, state: Meta): boolean {
  const snapshot = new Snapshot(file, state, new Map());
  const { root, order, depth } = state.main;
  if (root === undefined) return false;
  try {
    const { txnid } = snapshot.page(root, { order, isLeaf: depth === 1, maxTxnid: state.txnid });
    if (txnid < state.txnid) return false;
    const slices = new FullCheck(file, { look: (look) => look(snapshot) }).slices();
    while (slices.next().done !== true);
    return true;
  } catch (error) {
    if (error instanceof CorruptedError) return false;
    throw error;
  }
}
