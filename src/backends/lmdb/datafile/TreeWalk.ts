import { CorruptedError } from "../../../model/errors.ts";
import { FRAMES_START } from "../keys.ts";
import { Cursor } from "./Cursor.ts";
import { freePagesIn } from "./freePages.ts";
import { compareKeys } from "./keyOrder.ts";
import type { Overflow } from "./overflow.ts";
import type { Page } from "./Page.ts";
import type { PageUse } from "./PageUse.ts";
import type { Snapshot } from "./Snapshot.ts";
import type { TreeRecord, TreeSums } from "./treeRecord.ts";

/** Where a walk goes. */
export interface Way {
  readonly tree: TreeRecord["name"];
  /** The walk begins with the leaf that may hold this key; by default with the first. */
  readonly from: Uint8Array | undefined;
  /** It ends with the leaf that may hold this one. */
  readonly to: Uint8Array;
}

/**
 * Checks a tree leaf by leaf: every page that it comes to, where it stands among the others, and the
 * pages of values.
 */
export class TreeWalk {
  readonly snapshot: Snapshot;
  readonly #tree: TreeRecord;
  readonly #cursor: Cursor;
  readonly #to: Uint8Array;
  readonly #use: PageUse | undefined;
  readonly #sums: { -readonly [Name in keyof TreeSums]: number } = {
    branchPages: 0,
    leafPages: 0,
    overflowPages: 0,
    rows: 0,
  };
  #isThere: boolean;
  #below: Uint8Array | undefined;

  /**
   * @param use - takes all pages down, if the whole file is walked in one snapshot
   * @throws {@link CorruptedError} as all of its methods.
   */
  constructor(snapshot: Snapshot, { tree, from, to }: Way, use: PageUse | undefined) {
    this.snapshot = snapshot;
    this.#tree = snapshot.meta[tree];
    this.#use = use;
    this.#to = to;
    this.#cursor = new Cursor(snapshot, this.#tree, { onPage: (page) => this.#take(page) });
    this.#isThere = from === undefined ? this.#cursor.seekFirst() : this.#cursor.seek(from);
  }

  /** The keys below this have been checked; undefined before the first leaf and after the last. */
  get below(): Uint8Array | undefined {
    return this.#below;
  }

  /** Checks leaves until a deadline (`performance.now()`), at least one; says whether it is done. */
  run(deadlineMs: number): boolean {
    while (this.#isThere) {
      this.#checkRows(this.#cursor.page);
      this.#below = this.#cursor.below;
      if (this.#below === undefined || this.#isBehindEnd(this.#below)) return true;
      this.#isThere = this.#cursor.nextLeaf();
      if (performance.now() >= deadlineMs) return !this.#isThere;
    }
    return true;
  }

  /** Checks, after a walk through the whole tree, that there was as much in it as it says. */
  checkSums(): void {
    const { name, sums } = this.#tree;
    for (const [what, sum] of Object.entries(sums)) {
      const found = this.#sums[what as keyof TreeSums];
      if (found !== sum) {
        throw new CorruptedError(`the ${name} tree has ${found} ${what}, and says ${sum}`);
      }
    }
  }

  #isBehindEnd(key: Uint8Array): boolean {
    return compareKeys(key, this.#to, this.#tree.order) > 0;
  }

  #take(page: Page): void {
    this.#sums[page.isLeaf ? "leafPages" : "branchPages"] += 1;
    this.#use?.use({ pageNumber: page.pageNumber, pageCount: 1 });
  }

  #checkRows(page: Page): void {
    this.#sums.rows += page.count;
    for (let index = 0; index < page.count; index += 1) {
      const overflow = page.overflowAt(index);
      if (overflow !== undefined) this.#takeOverflow(overflow, page.keyAt(index));
      if (this.#tree.name === "free") this.#takeFree(page, index);
    }
  }

  #takeOverflow(overflow: Overflow, key: Uint8Array): void {
    this.snapshot.checkSpan(overflow);
    this.#sums.overflowPages += overflow.pageCount;
    this.#use?.use(overflow);
    // LMDB looks at the first of the pages when it frees them. A frame is never replaced, and its
    // readers look for themselves: to look at all of them here would be to read the whole file.
    const isFrame = this.#tree.name === "main" && compareKeys(key, FRAMES_START, "bytes") >= 0;
    if (!isFrame) this.snapshot.overflowValue(overflow);
  }

  #takeFree(page: Page, index: number): void {
    for (const span of freePagesIn(this.snapshot.valueAt({ page, index }))) this.#use?.free(span);
  }
}
