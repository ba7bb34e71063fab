import { Cursor } from "./Cursor.ts";
import type { PageSpan } from "./freePages.ts";
import type { Page } from "./Page.ts";
import type { Snapshot } from "./Snapshot.ts";
import type { TreeRecord } from "./treeRecord.ts";

/** The pages of a tree that its last transaction has written. @throws {@link CorruptedError} */
export function* writtenPages(
  snapshot: Snapshot,
  tree: TreeRecord["name"],
): Generator<PageSpan, void> {
  const { txnid } = snapshot.meta;
  const isOld = (page: Page): boolean => page.txnid < txnid;
  const pages = new Map<number, Page>();
  const onPage = (page: Page): void => {
    if (!isOld(page)) pages.set(page.pageNumber, page);
  };
  const cursor = new Cursor(snapshot, snapshot.meta[tree], { onPage, isEnd: isOld });
  for (let isThere = cursor.seekFirst(); isThere; isThere = cursor.nextLeaf());
  for (const [pageNumber, page] of pages) {
    yield { pageNumber, pageCount: 1 };
    if (!page.isLeaf) continue;
    for (let index = 0; index < page.count; index += 1) {
      const overflow = page.overflowAt(index);
      if (overflow?.txnid !== txnid) continue;
      snapshot.checkSpan(overflow);
      yield overflow;
    }
  }
}
