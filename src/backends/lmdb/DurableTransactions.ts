import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { readSafeUint64 } from "../../format/uint64.ts";
import { classifyError } from "./classifyError.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";
import { LOCK_FILE_NAME } from "./lockFile.ts";
import { READ_FLAGS } from "./readFlags.ts";

const MAGIC = 0xbeef_c0de;
const AT_TXNID = 8;
const HEAD_BYTES = 16;

/** How long a transaction may be under way before we wait for its sync with one of our own. */
const SYNC_AFTER_MS = 50;

/**
 * Which transactions of a run's file are on disk, for those who read it beside its writer.
 *
 * A commit ends with its meta page, in a write that returns when it is on disk; but others can see
 * the page while it is on its way. LMDB notes in lock.mdb, which it shares, the last transaction whose
 * write has returned: one that comes right behind that is under way. Its writer may also have been
 * killed in the middle of it. Then it stays so, and is forced to disk by us.
 */
export class DurableTransactions {
  readonly #folder: string;
  #newestDurable = 0;
  #underWay: { readonly txnid: number; readonly sinceMs: number } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether a transaction that can be seen in data.mdb is on disk. */
  isDurable(txnid: number): boolean {
    if (txnid <= this.#newestDurable) return true;
    // A lock file that says anything else is that of no writer of this file: of a copy, for one.
    if (committedTxnid(this.#folder) === txnid - 1) {
      if (this.#underWay?.txnid !== txnid) {
        this.#underWay = { txnid, sinceMs: performance.now() };
      }
      return false;
    }
    this.#newestDurable = txnid;
    this.#underWay = undefined;
    return true;
  }

  /**
   * Forces to disk what {@link isDurable} found under way, if that is long ago.
   *
   * @param atOnce - also what was found just now.
   * @returns whether there is something new to be seen.
   */
  async settle(atOnce: boolean): Promise<boolean> {
    const underWay = this.#underWay;
    if (underWay === undefined) return false;
    if (!atOnce && performance.now() - underWay.sinceMs < SYNC_AFTER_MS) return false;
    await force(this.#folder);
    this.#newestDurable = underWay.txnid;
    this.#underWay = undefined;
    return true;
  }
}

/** The last transaction whose commit has returned, as far as a lock file is there and tells. */
function committedTxnid(folder: string): number | undefined {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  try {
    const file = openSync(join(folder, LOCK_FILE_NAME), READ_FLAGS);
    try {
      if (readSync(file, head, 0, HEAD_BYTES, 0) < HEAD_BYTES) return undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    // Whoever may not look at it, or finds none, has what can be seen.
    return undefined;
  }
  return head.getUint32(0, true) === MAGIC ? readSafeUint64(head, AT_TXNID) : undefined;
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
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw classifyError(error, folder);
  }
}
