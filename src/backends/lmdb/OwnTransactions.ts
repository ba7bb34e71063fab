import { BackendError, CorruptedError, FencedError } from "../../model/errors.ts";
import type { DataFile } from "./DataFile.ts";
import { resultOf } from "./datafile/checkState.ts";
import { LastTransaction } from "./datafile/LastTransaction.ts";
import { PageFile } from "./datafile/PageFile.ts";
import type { Environment } from "./environment.ts";
import { isProvenRow } from "./isProvenRow.ts";
import { storedEpoch } from "./ownerRows.ts";
import { SyncMark } from "./SyncMark.ts";

/** What {@link OwnTransactions} are made of. */
export interface OwnTransactionsConfig {
  readonly environment: Environment;
  readonly folder: string;
  readonly file: DataFile;
  /** What lmdb takes for an order to give a transaction up. */
  readonly abort: unknown;
  /** What was noted as synced before LMDB had opened the file. */
  readonly noted: readonly number[];
  /** Of the last transaction when it was checked, see {@link CheckedFile}. */
  readonly lastDigest?: string | undefined;
}

/**
 * Transactions of a log for as long as it is ours: each begins with a look at the epoch, which a newer
 * writer has raised.
 *
 * LMDB writes the pages of a commit and its meta page; one sync of ours makes it durable. LMDB never
 * writes over what the transaction before still needs, and each is synced before the next begins: so
 * whatever a power cut leaves of the last one, the one before it is whole (`LastTransaction`).
 *
 * After an error that leaves it `isUnharmed` it goes on. After any other LMDB may be left with its
 * lock held, and the environment must not be touched again, not even closed.
 */
export class OwnTransactions {
  readonly epoch: number;
  readonly #environment: Environment;
  readonly #folder: string;
  readonly #file: DataFile;
  readonly #abort: unknown;
  readonly #mark: SyncMark;
  /** The last one that was committed. */
  #txnid: number;
  #isUnharmed = true;
  /** The sync of a commit is under way: until it is over nothing may be written over. */
  #isSyncing = false;
  /** Once fenced, always fenced, whatever is asked for. */
  #fenced: FencedError | undefined;

  /**
   * Begins with the transaction that makes the log ours, and durable. Before it whatever is there is
   * forced to disk: it may write over what the transaction before the last one needs. An older writer
   * can have committed until just now, so that is done under LMDB's lock. What is noted as synced is on
   * the disk; any other last transaction is written once more, for a sync of it may have failed.
   *
   * @param own - the body of that transaction, which gives the epoch
   * @throws as {@link commit}; the environment must not be touched then.
   */
  static begin(config: OwnTransactionsConfig, own: () => number): OwnTransactions {
    const { environment, folder, file, noted, lastDigest } = config;
    const begun = environment.transactionSync(() => {
      file.checkInPlace();
      const last = file.lastTxnid();
      checkFollows(environment, last);
      if (!noted.includes(last)) withLast(folder, (found) => writeAgain(found, lastDigest));
      file.syncData();
      return { txnid: last + 1, epoch: own() };
    });
    const transactions = new OwnTransactions(config, begun);
    transactions.#sync();
    return transactions;
  }

  private constructor(
    { environment, folder, file, abort }: OwnTransactionsConfig,
    { txnid, epoch }: { readonly txnid: number; readonly epoch: number },
  ) {
    this.epoch = epoch;
    this.#environment = environment;
    this.#folder = folder;
    this.#file = file;
    this.#abort = abort;
    this.#txnid = txnid;
    this.#mark = new SyncMark(folder, epoch);
  }

  /** The last transaction; durable as long as nothing has failed. */
  get txnid(): number {
    return this.#txnid;
  }

  get isUnharmed(): boolean {
    return this.#isUnharmed;
  }

  /** @throws {@link FencedError} where the log was found to be another writer's. */
  checkUnfenced(): void {
    if (this.#fenced !== undefined) throw this.#fenced;
  }

  /**
   * Makes durable what a body puts.
   *
   * @throws {@link FencedError}, {@link CorruptedError} where data.mdb was removed or replaced, what
   * the body or LMDB throws, and what the file system says of the sync.
   */
  commit(body: (environment: Environment) => void): void {
    this.#write(body);
    this.#sync();
  }

  /**
   * The same, with a step to be taken while the disk syncs on another thread. It touches nothing of the
   * log, and stops soon when it is told that the sync is over.
   *
   * @param stepOf - gives the step when it could begin, or undefined where there is nothing to do
   * @throws as {@link commit}, and what the step throws.
   */
  async commitDuring(
    stepOf: () => ((isSynced: () => boolean) => Promise<void>) | undefined,
    body: (environment: Environment) => void,
  ): Promise<void> {
    this.#write(body);
    this.#isUnharmed = false;
    const step = stepOf();
    if (step === undefined) return this.#sync();
    this.#isSyncing = true;
    let isOver = false;
    const sync = this.#file.syncDataAside().finally(() => {
      isOver = true;
    });
    const [synced, stepped] = await Promise.allSettled([sync, step(() => isOver)]);
    this.#isSyncing = false;
    if (synced.status === "rejected") {
      this.#takeBack();
      throw synced.reason;
    }
    if (stepped.status === "rejected") throw stepped.reason;
    this.#synced();
  }

  /** Takes a step under LMDB's write lock; nothing is stored. @throws as {@link commit}. */
  underLock(step: () => void): void {
    this.#run(() => {
      step();
      return this.#abort;
    });
  }

  /** Closes the environment, after which there are no transactions. */
  async end(): Promise<void> {
    this.giveUp();
    await this.#environment.close();
    // Only now: see there.
    this.#mark.close();
  }

  /** There is nothing to be done any more. */
  giveUp(): void {
    this.#isUnharmed = false;
  }

  /** The one sync of a commit. */
  #sync(): void {
    this.#isUnharmed = false;
    try {
      this.#file.syncData();
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#synced();
  }

  /** What is on the disk is noted there, if it is still the last. */
  #synced(): void {
    if (!this.#file.isLast(this.#txnid)) this.#tellSuccessor();
    this.#mark.note(this.#txnid);
    this.#isUnharmed = true;
  }

  #write(body: (environment: Environment) => void): void {
    this.#run(() => {
      body(this.#environment);
      return undefined;
    });
    this.#txnid += 1;
  }

  /**
   * Our process has slept since the commit: who has taken the log over has raised the epoch. The
   * commit may be in the log, and so this is no refusal, whatever it is.
   */
  #tellSuccessor(): never {
    try {
      this.underLock(() => {});
    } finally {
      this.giveUp();
    }
    throw new BackendError("Somebody else writes to the log");
  }

  /**
   * After a sync that failed the system takes the pages for clean, and the next sync would say that
   * all is well. So the commit is undone before anybody counts on it, as far as that can be done.
   */
  #takeBack(): void {
    try {
      this.underLock(() => {
        withLast(this.#folder, (last) => {
          if (last.txnid === this.#txnid) last.drop();
        });
      });
    } catch {
      // What failed first is told.
    }
    this.giveUp();
  }

  #run(body: () => unknown): void {
    this.#isUnharmed = false;
    if (this.#isSyncing) throw new BackendError("The commit before is not synced yet");
    this.#file.checkInPlace();
    this.#environment.transactionSync(() => {
      const found = storedEpoch(this.#environment);
      if (found > this.epoch) this.#fenced = new FencedError(this.epoch, found);
      if (this.#fenced !== undefined) return this.#abort;
      checkFollows(this.#environment, this.#txnid);
      // Where LMDB was led astray the epoch is of a state before: lower, or not yet raised.
      if (found < this.epoch || !this.#file.isLast(this.#txnid)) {
        throw new BackendError("Somebody else writes to the log");
      }
      return body();
    });
    this.#isUnharmed = true;
    this.checkUnfenced();
  }
}

/**
 * Checks, within a transaction, that it follows the last one. LMDB takes its number and what it goes
 * on from out of lock.mdb. Whoever opens the environment writes there, without any lock, what the
 * last transaction was when it looked. The next would write over one that was committed in between.
 */
function checkFollows(environment: Environment, last: number): void {
  const txnid = environment.getWriteTxnId();
  if (txnid !== last + 1) {
    throw new BackendError(`LMDB would write transaction ${txnid} after ${last}`);
  }
}

/**
 * Where what was written is what was checked, nothing is left to be found out. All of the file is
 * checked where it is not: without our lease somebody may have committed since.
 *
 * @throws {@link CorruptedError} where it was damaged since.
 */
function writeAgain(last: LastTransaction, checkedDigest: string | undefined): void {
  last.writeAgain();
  if (checkedDigest !== undefined && last.digest() === checkedDigest) return;
  if (!resultOf(last.isWhole(isProvenRow))) {
    throw new CorruptedError("The last transaction was damaged while it was taken over");
  }
}

/** Takes a step with the last transaction of a log. */
function withLast(folder: string, step: (last: LastTransaction) => void): void {
  PageFile.use(folder, (file) => step(LastTransaction.of(file)));
}
