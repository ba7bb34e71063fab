import { createHash } from "node:crypto";
import { CorruptedError } from "../../../model/errors.ts";
import type { Checkpoint } from "../../Backend.ts";
import { isBorneOut, logHeadOf } from "../logHead.ts";
import { checkBase } from "./checkBase.ts";
import { checkState } from "./checkState.ts";
import { checkWritten, type IsProven, type SnapshotPair } from "./checkWritten.ts";
import { areSame, metaPair, type MetaBytes, type MetaPair } from "./metas.ts";
import type { PageSpan } from "./freePages.ts";
import type { PageFile } from "./PageFile.ts";
import { Snapshot } from "./Snapshot.ts";
import { unlessDamaged } from "./unlessDamaged.ts";
import { rewrite, writeState } from "./writeState.ts";
import { writtenPages } from "./writtenPages.ts";

/**
 * The last transaction of a file and the one before it. A commit is one sync of its pages and its
 * meta page together. After a power cut that came before its end any of them may be on the disk and
 * any other not, so that the meta page leads to pages that were never written: the transaction is
 * torn. Then it was not acknowledged, and the one before it is whole.
 */
export class LastTransaction {
  readonly #file: PageFile;
  readonly #metas: MetaBytes;
  readonly #pair: MetaPair;

  /** As the file is now. @throws {@link CorruptedError} for meta pages that LMDB does not write. */
  static of(file: PageFile): LastTransaction {
    for (let metas = file.readMetas(); ;) {
      try {
        return new LastTransaction(file, metas, metaPair(...metas, file.pageBytes));
      } catch (error) {
        // Damage stays; between the reading of the two pages there may have been commits.
        const now = file.readMetas();
        if (areSame(metas, now)) throw error;
        metas = now;
      }
    }
  }

  private constructor(file: PageFile, metas: MetaBytes, pair: MetaPair) {
    this.#file = file;
    this.#metas = metas;
    this.#pair = pair;
  }

  get txnid(): number {
    return this.#pair.newer.txnid;
  }

  /** Whether a head came into the log with it; false where that cannot be seen for damage. */
  hasBrought(head: Checkpoint): boolean {
    const isNew = unlessDamaged(() => {
      const before = logHeadOf(this.#snapshotOf("older"));
      return before.watermark < head.seq && isBorneOut(this.#snapshotOf("newer"), head);
    });
    return isNew === true;
  }

  /** Whether nothing was committed since; what was found out counts only then. */
  isUnchanged(): boolean {
    return areSame(this.#file.readMetas(), this.#metas);
  }

  /**
   * Whether all of it is there, found out in slices as long as nothing is committed.
   *
   * It cannot be judged by a state before that it was not built on, or that does not hold together:
   * LMDB leaves such a one where it could not write the meta page of a transaction later still, of
   * whose pages a power cut has left a part. That one began when the last was on the disk.
   */
  *isWhole(isProven: IsProven): Generator<undefined, boolean> {
    const newer = this.#snapshotOf("newer");
    if (!(yield* this.#passes(checkState(this.#file, newer)))) return false;
    const older = this.#snapshotOf("older");
    // The first one is on the disk before there is a manifest, without which nobody comes here.
    if (older.meta.txnid === 0) return true;
    const pair = { newer, older };
    if (yield* this.#passes(checkWritten(pair, isProven))) return true;
    if (yield* this.#passes(this.#checkBase(pair))) return false;
    return this.isUnchanged() && !logHeadOf(newer).isDamaged;
  }

  /** Checks what the transaction before has left. @throws {@link CorruptedError} */
  *checkOlder(): Generator<undefined, void> {
    yield* checkState(this.#file, this.#snapshotOf("older"));
  }

  /**
   * Makes it a transaction that has changed nothing, with the trees of the one before; that must be
   * whole. Its number stays taken: no page of it can pass for one of a later transaction. Nothing is
   * forced to disk. The caller holds LMDB's lock; or the lease, before LMDB has opened the file.
   *
   * @throws the error of the file system.
   */
  drop(): void {
    writeState(this.#file, this.#pair.older, this.txnid);
  }

  /**
   * Writes all of it once more. After a sync that failed the system takes for clean what it could not
   * write, and the next sync would say that it is on the disk. The caller holds LMDB's lock.
   *
   * @throws {@link CorruptedError} where it is damaged, or the error of the file system.
   */
  writeAgain(): void {
    for (const spans of this.#written()) rewrite(this.#file, spans);
  }

  /**
   * Of all that it has written, as the file has it now; undefined where that cannot be found for
   * damage.
   */
  digest(): string | undefined {
    return unlessDamaged(() => {
      const hash = createHash("sha256");
      for (const spans of this.#written()) {
        for (const span of spans) {
          for (const { bytes } of this.#file.readSpan(span)) hash.update(bytes);
        }
      }
      return hash.digest("hex");
    });
  }

  /** Where what it has written is. */
  *#written(): Generator<Iterable<PageSpan>, void> {
    const newer = this.#snapshotOf("newer");
    yield writtenPages(newer, "free");
    yield writtenPages(newer, "main");
    yield [{ pageNumber: newer.meta.pageNumber, pageCount: 1 }];
  }

  *#checkBase(pair: SnapshotPair): Generator<undefined, void> {
    checkBase(pair);
    yield* checkState(this.#file, pair.older);
  }

  /** Whether a check finds no damage, nor anything committed meanwhile. */
  *#passes(check: Generator<undefined, void>): Generator<undefined, boolean> {
    try {
      for (const _ of check) {
        if (!this.isUnchanged()) return false;
        yield;
      }
      return true;
    } catch (error) {
      if (error instanceof CorruptedError) return false;
      throw error;
    }
  }

  #snapshotOf(which: keyof MetaPair): Snapshot {
    return new Snapshot(this.#file, this.#pair[which], new Map());
  }
}
