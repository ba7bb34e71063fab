import { damagedPage } from "./damagedPage.ts";
import { META_PAGES, metaPair, type Meta, type MetaBytes } from "./metas.ts";
import type { PageFile } from "./PageFile.ts";
import { Snapshot } from "./Snapshot.ts";

/**
 * Checks that the older meta page is as old as it says: none of its trees starts with a page of a
 * later transaction. The number of a transaction that was damaged so that it is two less would else
 * make the last state of the file pass for the one before the one before.
 *
 * @throws {@link CorruptedError}
 */
export function checkOlderMeta(file: PageFile): void {
  const metas = file.readMetas();
  try {
    checkRoots(file, metaPair(...metas, file.pageBytes).older);
  } catch (error) {
    // A writer that is two commits on by now may be using the pages again, and one that commits just
    // now may have been read in the middle of it.
    if (isUnchanged(file, metas)) throw error;
  }
}

function checkRoots(file: PageFile, meta: Meta): void {
  const snapshot = new Snapshot(file, meta, new Map());
  for (const { root, order, depth } of [meta.main, meta.free]) {
    if (root === undefined) continue;
    if (root < META_PAGES) throw damagedPage(root, "cannot be a page of a tree");
    snapshot.page(root, { order, isLeaf: depth === 1, maxTxnid: meta.txnid });
  }
}

function isUnchanged(file: PageFile, metas: MetaBytes): boolean {
  return file
    .readMetas()
    .every((bytes, index) => Buffer.compare(bytes, metas[index] ?? bytes) === 0);
}
