import { lastKeyOf } from "./Cursor.ts";
import type { PageFile } from "./PageFile.ts";
import { PageUse } from "./PageUse.ts";
import type { Snapshot } from "./Snapshot.ts";
import type { Looks } from "./Snapshots.ts";
import type { TreeRecord } from "./treeRecord.ts";
import { TreeWalk } from "./TreeWalk.ts";

/** How long a slice of a check takes. */
export const SLICE_MS = 2;

/**
 * Checks both trees of a file in slices, also while it is written.
 *
 * A page that is used twice, or in use and said to be free, can be told within one snapshot only, and
 * so can a sum that is wrong: once there is a second one, these are not looked for.
 */
export class FullCheck {
  readonly #snapshots: Looks;
  readonly #first: Snapshot;
  /** The pages of the first snapshot, until there is a second one. */
  #use: PageUse | undefined;

  constructor(file: PageFile, snapshots: Looks) {
    this.#snapshots = snapshots;
    this.#first = snapshots.look((snapshot) => snapshot);
    this.#use = new PageUse(this.#first.meta, file.pageCount());
  }

  *slices(): Generator<undefined, void> {
    yield* this.#check("free");
    yield* this.#check("main");
    this.#snapshots.look(() => this.#use?.checkFree());
  }

  /**
   * Each slice is a look of its own and goes on where the one before has come to, in the snapshot of
   * its time. One that is overtaken is taken again, and does half as much.
   */
  *#check(tree: TreeRecord["name"]): Generator<undefined, void> {
    // What is written behind the present end is not waited for.
    const to = this.#snapshots.look((snapshot) => lastKeyOf(snapshot, tree));
    if (to === undefined) return;
    let walk: TreeWalk | undefined;
    for (let isDone = false; !isDone;) {
      const from = walk?.below;
      let sliceMs = SLICE_MS;
      isDone = this.#snapshots.look((snapshot) => {
        if (snapshot !== this.#first) this.#use = undefined;
        if (walk?.snapshot !== snapshot) {
          walk = new TreeWalk(snapshot, { tree, from, to }, this.#use);
        }
        const isEnd = walk.run(performance.now() + sliceMs);
        sliceMs /= 2;
        if (isEnd && this.#use !== undefined) walk.checkSums();
        return isEnd;
      });
      yield;
    }
  }
}
