import { damagedPage } from "./damagedPage.ts";
import type { PageFile } from "./PageFile.ts";
import { unnumberedState } from "./unnumberedState.ts";

/**
 * Checks in slices that the older meta page does not stand for the last transaction of all, which
 * LMDB would forget. Recovery gives it its number back first; whoever only reads must not write here.
 *
 * @throws {@link CorruptedError}
 */
export function* checkOlderMeta(file: PageFile): Generator<undefined, void> {
  const state = yield* unnumberedState(file);
  if (state === undefined) return;
  throw damagedPage(state.pageNumber, `has lost the number of its transaction, ${state.txnid}`);
}
