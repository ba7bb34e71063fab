import { compareKeys } from "./keyOrder.ts";
import type { Page } from "./Page.ts";
import type { Snapshot } from "./Snapshot.ts";
import type { TreeRecord } from "./treeRecord.ts";

/** A page on the way down a tree, and the node that was taken on it. */
interface Step {
  readonly page: Page;
  index: number;
  /** The range of keys that its parents leave to the page. */
  readonly from: Uint8Array | undefined;
  readonly below: Uint8Array | undefined;
}

/** What a cursor does on its way. */
interface Way {
  /** Is told of each page that the cursor comes to, from the root on. */
  readonly onPage?: (page: Page) => void;
  /** Whether it goes no further down than to a page, and takes it for a leaf. */
  readonly isEnd?: (page: Page) => boolean;
}

/**
 * A place in a tree: a row, and the pages that lead to it. Every page that it comes to is checked
 * against the ones above it.
 *
 * Its moves say whether there is a row where they lead; after one that says no, it is nowhere.
 * @throws {@link CorruptedError} from all of them.
 */
export class Cursor {
  readonly #snapshot: Snapshot;
  readonly #tree: TreeRecord;
  readonly #way: Way;
  #steps: Step[] = [];

  constructor(snapshot: Snapshot, tree: TreeRecord, way: Way = {}) {
    this.#snapshot = snapshot;
    this.#tree = tree;
    this.#way = way;
  }

  /** The leaf of the row. */
  get page(): Page {
    return this.#last().page;
  }

  /** Which row of the leaf it is. */
  get index(): number {
    return this.#last().index;
  }

  get key(): Uint8Array {
    return this.page.keyAt(this.index);
  }

  /** From where on the keys of this leaf are; undefined in the first. */
  get from(): Uint8Array | undefined {
    return this.#last().from;
  }

  /** Below which the keys of this leaf are, and those of the next are not; undefined in the last. */
  get below(): Uint8Array | undefined {
    return this.#last().below;
  }

  /** To the first row whose key is not below a key. */
  seek(key: Uint8Array): boolean {
    if (!this.#descend((page) => page.childFor(key))) return false;
    const leaf = this.#last();
    leaf.index = leaf.page.lowerBound(key);
    return leaf.index < leaf.page.count || this.nextLeaf();
  }

  /** To the last row whose key is not above a key. */
  seekBack(key: Uint8Array): boolean {
    if (!this.seek(key)) return this.seekLast();
    return compareKeys(this.key, key, this.#tree.order) === 0 || this.previous();
  }

  seekFirst(): boolean {
    return this.#descend(firstOf);
  }

  seekLast(): boolean {
    return this.#descend(lastOf);
  }

  next(): boolean {
    const leaf = this.#last();
    leaf.index += 1;
    return leaf.index < leaf.page.count || this.nextLeaf();
  }

  previous(): boolean {
    const leaf = this.#last();
    leaf.index -= 1;
    return leaf.index >= 0 || this.#toSibling(-1, lastOf);
  }

  /** To the first row of the next leaf. */
  nextLeaf(): boolean {
    return this.#toSibling(1, firstOf);
  }

  #descend(choose: (page: Page) => number): boolean {
    const { root } = this.#tree;
    this.#steps = [];
    if (root === undefined) return false;
    this.#enter(root, choose);
    return true;
  }

  #toSibling(direction: 1 | -1, choose: (page: Page) => number): boolean {
    this.#steps.pop();
    for (let step = this.#steps.at(-1); step !== undefined; step = this.#steps.at(-1)) {
      step.index += direction;
      if (step.index >= 0 && step.index < step.page.count) {
        this.#enter(step.page.childAt(step.index), choose);
        return true;
      }
      this.#steps.pop();
    }
    return false;
  }

  /** Goes down to a leaf: from the root, or from a child of the last step. */
  #enter(pageNumber: number, choose: (page: Page) => number): void {
    let step = this.#push(pageNumber, choose);
    while (!this.#isEnd(step.page)) step = this.#push(step.page.childAt(step.index), choose);
  }

  #isEnd(page: Page): boolean {
    return page.isLeaf || this.#way.isEnd?.(page) === true;
  }

  #push(pageNumber: number, choose: (page: Page) => number): Step {
    const parent = this.#steps.at(-1);
    const page = this.#snapshot.page(pageNumber, {
      order: this.#tree.order,
      isLeaf: this.#steps.length === this.#tree.depth - 1,
      maxTxnid: parent?.page.txnid ?? this.#snapshot.meta.txnid,
    });
    const { from, below } = rangeBelow(parent);
    page.checkRange(from, below);
    this.#way.onPage?.(page);
    const step = { page, index: choose(page), from, below };
    this.#steps.push(step);
    return step;
  }

  #last(): Step {
    return this.#steps.at(-1) as Step;
  }
}

/** The last key of a tree, undefined in an empty one. @throws {@link CorruptedError} */
export function lastKeyOf(snapshot: Snapshot, tree: TreeRecord["name"]): Uint8Array | undefined {
  const cursor = new Cursor(snapshot, snapshot.meta[tree]);
  return cursor.seekLast() ? cursor.key : undefined;
}

/** The keys that a page may hold: those from its own key in its parent to the next one there. */
function rangeBelow(parent: Step | undefined): Pick<Step, "from" | "below"> {
  if (parent === undefined) return { from: undefined, below: undefined };
  const { page, index, from, below } = parent;
  return {
    from: index > 0 ? page.keyAt(index) : from,
    below: index + 1 < page.count ? page.keyAt(index + 1) : below,
  };
}

function firstOf(): number {
  return 0;
}

function lastOf(page: Page): number {
  return page.count - 1;
}
