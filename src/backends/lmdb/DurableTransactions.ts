import { open } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { classifyError } from "./classifyError.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";
import { LastTransaction } from "./datafile/LastTransaction.ts";
import { PageFile } from "./datafile/PageFile.ts";
import { isProvenRow } from "./isProvenRow.ts";
import { READ_FLAGS } from "./readFlags.ts";
import { syncedTxnid } from "./SyncMark.ts";

/** How long a transaction may be under way before we look whether it is whole, and sync it ourselves. */
const SYNC_AFTER_MS = 200;

/** A transaction that can be seen and is not known to be on disk. */
interface UnderWay {
  readonly txnid: number;
  readonly sinceMs: number;
  /** Not all of it is there, and will never be. */
  isTorn: boolean;
}

/**
 * Which transactions of a run's file are on disk, for those who read it beside its writer.
 *
 * A commit can be seen before its sync has returned, which its writer then notes (`SyncMark`): one
 * without a note is under way. Its writer may also have been killed before the note, or the power was
 * cut, which loses notes. Then it stays so; where all of it is there, it is forced to disk by us.
 */
export class DurableTransactions {
  readonly #folder: string;
  #newestDurable = 0;
  #underWay: UnderWay | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether a transaction that can be seen in data.mdb is on disk. */
  isDurable(txnid: number): boolean {
    if (txnid <= this.#newestDurable) return true;
    if (txnid > syncedTxnid(this.#folder)) {
      if (this.#underWay?.txnid !== txnid) {
        this.#underWay = { txnid, sinceMs: performance.now(), isTorn: false };
      }
      return false;
    }
    this.#newestDurable = txnid;
    this.#underWay = undefined;
    return true;
  }

  /**
   * Forces to disk what {@link isDurable} found under way, if that is long ago and not torn.
   *
   * @param atOnce - also what was found just now.
   * @returns whether there is something new to be seen.
   */
  async settle(atOnce: boolean): Promise<boolean> {
    const underWay = this.#underWay;
    if (underWay === undefined || underWay.isTorn) return false;
    if (!atOnce && performance.now() - underWay.sinceMs < SYNC_AFTER_MS) return false;
    if (!(await this.#isForced(underWay))) return false;
    this.#newestDurable = underWay.txnid;
    this.#underWay = undefined;
    return true;
  }

  async #isForced(underWay: UnderWay): Promise<boolean> {
    let file: PageFile | undefined;
    try {
      file = PageFile.open(this.#folder);
      const last = LastTransaction.of(file);
      if (last.txnid !== underWay.txnid) return false;
      const isWhole = await inSlices(last.isWhole(isProvenRow));
      if (isWhole) await force(this.#folder);
      // A writer that lives has gone on meanwhile, or has taken back what it could not sync.
      if (!last.isUnchanged()) return false;
      underWay.isTorn = !isWhole;
      return isWhole;
    } catch (error) {
      throw classifyError(error, this.#folder);
    } finally {
      file?.close();
    }
  }
}

async function inSlices<Result>(slices: Generator<undefined, Result>): Promise<Result> {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    await setImmediate();
  }
}

async function force(folder: string): Promise<void> {
  try {
    const file = await open(join(folder, DATA_FILE_NAME), READ_FLAGS);
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // A file system that is never written knows no sync.
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
  }
}
