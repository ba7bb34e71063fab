import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { classifyError } from "./classifyError.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";
import { LastTransaction } from "./datafile/LastTransaction.ts";
import { PageFile } from "./datafile/PageFile.ts";
import { isProvenRow } from "./isProvenRow.ts";
import { isLeaseHeld } from "./lease.ts";
import { readCheckpoints } from "./readCheckpoints.ts";
import { READ_FLAGS } from "./openFlags.ts";
import { notedTxnids } from "./SyncMark.ts";

/** How long a transaction may be under way before we ask whether anybody is at it still. */
const ASK_AFTER_MS = 200;
/**
 * How long a writer may take from the failure of a sync to taking its commit back. One that outlives
 * the process that asked for the commit holds no lease.
 */
const TAKEN_BACK_WITHIN_MS = 200;

/** A transaction that can be seen and is not known to be on disk. */
interface UnderWay {
  readonly txnid: number;
  /** When it was found, or the lease was last found held. */
  sinceMs: number;
  /** Not all of it is there, and will never be. */
  isTorn: boolean;
}

/** What is known of a run whose last transaction is to be settled. */
export interface Circumstances {
  /** Also what was found under way just now. */
  readonly atOnce?: boolean;
  /** Nobody writes it any more, whoever holds the lease. */
  readonly isSealed?: boolean;
}

/**
 * Which transactions of a run's file are on disk, for those who read it beside its writer.
 *
 * A commit can be seen before its sync has returned, which its writer then notes (`SyncMark`): one
 * without a note is under way. Its writer may also have been killed before the note, or the power was
 * cut, which loses notes. Then it stays so; where all of it is there, it is forced to disk by us.
 *
 * That is not for us to do as long as a writer may live: its sync may have failed already, and ours
 * would then return as if nothing had, just before the writer takes the commit back. Then what is
 * remembered beside the log can still tell.
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
    if (!this.#isNoted(txnid)) {
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
   * Forces to disk what {@link isDurable} found under way, if that is long ago, nobody writes, and
   * it is not torn.
   *
   * @returns whether there is something new to be seen.
   */
  async settle({ atOnce = false, isSealed = false }: Circumstances = {}): Promise<boolean> {
    const underWay = this.#underWay;
    if (underWay === undefined || underWay.isTorn) return false;
    const isNew = performance.now() - underWay.sinceMs < ASK_AFTER_MS;
    if (isNew && !atOnce && !isSealed) return false;
    if (!(await this.#isForced(underWay, isSealed))) return false;
    // Meanwhile a note may have told of a newer one.
    this.#newestDurable = Math.max(this.#newestDurable, underWay.txnid);
    this.#underWay = undefined;
    return true;
  }

  /** Whether a note covers a transaction. One that is ahead of the file is of another file. */
  #isNoted(txnid: number): boolean {
    const noted = notesIn(this.#folder).filter((number) => number >= txnid);
    if (noted.length === 0 || noted.includes(txnid)) return noted.length > 0;
    const last = lastTxnidIn(this.#folder);
    return noted.some((number) => number <= last);
  }

  async #isForced(underWay: UnderWay, isSealed: boolean): Promise<boolean> {
    let file: PageFile | undefined;
    try {
      if (!isSealed && (await isLeaseHeld(dirname(this.#folder)))) {
        underWay.sinceMs = performance.now();
        return await isRemembered(this.#folder, underWay.txnid);
      }
      file = PageFile.open(this.#folder);
      const last = LastTransaction.of(file);
      if (last.txnid !== underWay.txnid) return false;
      const isWhole = await inSlices(last.isWhole(isProvenRow));
      if (isWhole) await force(this.#folder);
      // A sync that failed since we have opened the file fails ours as well.
      if (isWhole && !isSealed) await setTimeout(TAKEN_BACK_WITHIN_MS);
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

/** Whoever may not look at the notes has to find out otherwise. */
function notesIn(folder: string): readonly number[] {
  try {
    return notedTxnids(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return [];
    throw error;
  }
}

function lastTxnidIn(folder: string): number {
  return PageFile.use(folder, (file) => LastTransaction.of(file).txnid);
}

/**
 * Whether checkpoints.log has what the last transaction of a log has brought. A head is remembered once
 * it is on the disk.
 */
async function isRemembered(folder: string, txnid: number): Promise<boolean> {
  const { latest } = await readCheckpoints(folder);
  if (latest === undefined) return false;
  return PageFile.use(folder, (file) => {
    const last = LastTransaction.of(file);
    return last.txnid === txnid && last.hasBrought(latest) && last.isUnchanged();
  });
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
