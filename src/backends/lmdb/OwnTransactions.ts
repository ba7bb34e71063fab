import { FencedError } from "../../model/errors.ts";
import type { DataFile } from "./DataFile.ts";
import type { Environment } from "./environment.ts";
import { storedEpoch } from "./ownerRows.ts";

/** What {@link OwnTransactions} are made of. */
export interface OwnTransactionsConfig {
  readonly environment: Environment;
  readonly file: DataFile;
  readonly epoch: number;
  /** What lmdb takes for an order to give a transaction up. */
  readonly abort: unknown;
}

/**
 * Transactions of a log for as long as it is ours: each begins with a look at the epoch, which a newer
 * writer has raised.
 *
 * After an error that leaves it `isUnharmed` it goes on. After any other LMDB may be left with its
 * lock held, and the environment must not be touched again, not even closed.
 */
export class OwnTransactions {
  readonly #environment: Environment;
  readonly #file: DataFile;
  readonly #epoch: number;
  readonly #abort: unknown;
  #isUnharmed = true;
  /** Once fenced, always fenced, whatever is asked for. */
  #fenced: FencedError | undefined;

  constructor({ environment, file, epoch, abort }: OwnTransactionsConfig) {
    this.#environment = environment;
    this.#file = file;
    this.#epoch = epoch;
    this.#abort = abort;
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
   * @throws {@link FencedError}, {@link CorruptedError} where data.mdb was removed or replaced, and
   * what the body or LMDB throws.
   */
  commit(body: (environment: Environment) => void): void {
    this.#run(() => {
      body(this.#environment);
      return undefined;
    });
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
  }

  /** There is nothing to be done any more. */
  giveUp(): void {
    this.#isUnharmed = false;
  }

  #run(body: () => unknown): void {
    this.#isUnharmed = false;
    this.#file.checkInPlace();
    this.#environment.transactionSync(() => {
      const found = storedEpoch(this.#environment);
      if (found !== this.#epoch) this.#fenced = new FencedError(this.#epoch, found);
      return this.#fenced === undefined ? body() : this.#abort;
    });
    this.#isUnharmed = true;
    this.checkUnfenced();
  }
}
