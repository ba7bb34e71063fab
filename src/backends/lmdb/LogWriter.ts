import { chainHeadOf, type ChainHead } from "../../format/frameHeader.ts";
import { GENESIS } from "../../format/sealFrame.ts";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError, FencedError, OutOfOrderError } from "../../model/errors.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import { decodeAnchor, encodeAnchor } from "./anchorRow.ts";
import { DataFile } from "./DataFile.ts";
import { openEnvironment, usedBytesOf, type Environment } from "./environment.ts";
import { ANCHOR_KEY, EPOCH_KEY, numberBytesOf, numberOf } from "./keys.ts";
import { logHeadOf } from "./logHead.ts";
import { sealRows, type Row } from "./sealRows.ts";

/** Whether a run's environment is new or was found. */
export type OpenMode = "create" | "recover";

/** What a log has come to. */
export interface LogState {
  readonly epoch: number;
  readonly watermark: Seq;
  /** The largest `tsInit` of the run; absent in an empty or damaged one. */
  readonly maxTsInit?: bigint;
}

const NO_OVERWRITE = { noOverwrite: true };

/**
 * The one writer of a run's environment. It blocks while it writes and so lives in a thread of its
 * own. Everything that can be checked or computed is done before a transaction begins: inside there
 * are puts alone.
 *
 * An error that leaves it `isUnharmed` was a refusal: nothing was stored, and it goes on. After any
 * other it must not be used again, not even closed, since LMDB may be left with its lock held.
 */
export class LogWriter {
  readonly #environment: Environment;
  readonly #file: DataFile;
  readonly #epoch: number;
  readonly #abort: unknown;
  #watermark: Seq;
  /** Undefined where the last frame is damaged: nothing can be appended to it. */
  #head: ChainHead | undefined;
  #anchorWatermark: Seq;
  #lastCommitBytes = 0;
  #isUnharmed = true;
  /** Once fenced, always fenced, whatever is asked for. */
  #fenced: FencedError | undefined;

  /**
   * Opens the environment of a folder with one durable transaction: it stores epoch 1 in a new one,
   * and raises the epoch of one that was found, which fences its older writers and forces to disk
   * whatever is read here.
   */
  static async open(folder: string, mode: OpenMode): Promise<LogWriter> {
    const { ABORT } = await import("lmdb");
    const environment = await openEnvironment(folder, "write");
    return new LogWriter(environment, new DataFile(folder), { mode, abort: ABORT });
  }

  private constructor(
    environment: Environment,
    file: DataFile,
    how: { readonly mode: OpenMode; readonly abort: unknown },
  ) {
    this.#environment = environment;
    this.#file = file;
    this.#abort = how.abort;
    // Nothing else writes here: the lease is ours, and an older writer finds its epoch raised.
    const isNew = how.mode === "create";
    this.#epoch = environment.transactionSync(() => {
      const epoch = isNew ? 1 : this.#storedEpoch() + 1;
      const row = { key: EPOCH_KEY, value: numberBytesOf(epoch) };
      if (!put(environment, row, isNew)) throw new CorruptedError("The new log has an epoch");
      return epoch;
    });
    const { watermark, header, isDamaged } = logHeadOf(environment);
    this.#watermark = watermark;
    if (!isDamaged) this.#head = header === undefined ? GENESIS : chainHeadOf(header);
    const anchorRow = environment.get(ANCHOR_KEY);
    this.#anchorWatermark = anchorRow === undefined ? 0 : decodeAnchor(anchorRow).highWatermark;
    environment.resetReadTxn();
  }

  get isUnharmed(): boolean {
    return this.#isUnharmed;
  }

  get state(): LogState {
    const maxTsInit = this.#head?.maxTsInit;
    const state = { epoch: this.#epoch, watermark: this.#watermark };
    return maxTsInit === undefined ? state : { ...state, maxTsInit };
  }

  /**
   * Seals the frames and makes them durable with their index rows in one transaction.
   *
   * @throws {@link OutOfOrderError} where the frames do not follow the watermark,
   * {@link FencedError}, {@link CorruptedError} where one is no frame or data.mdb was replaced.
   */
  append(frames: readonly Uint8Array[]): Seq {
    this.#checkUnfenced();
    if (this.#head === undefined) throw new CorruptedError("The last frame cannot be read");
    const rows = sealRows(frames, { watermark: this.#watermark, head: this.#head });
    this.#transact((environment) => {
      for (const row of rows.frames) {
        if (!put(environment, row, true)) throw new CorruptedError("A frame is there already");
      }
      // The first seq that mentioned a key stays.
      for (const row of rows.indexRows) put(environment, row, true);
    });
    this.#head = rows.head;
    this.#watermark = rows.watermark;
    this.#lastCommitBytes = rows.bytes;
    return rows.watermark;
  }

  /** Stores the latest anchor. @throws as {@link append}. */
  recordSnapshotAnchor(anchor: SnapshotAnchor): void {
    this.#checkUnfenced();
    const { highWatermark } = anchor;
    if (highWatermark > this.#watermark || highWatermark < this.#anchorWatermark) {
      throw new OutOfOrderError(highWatermark, this.#watermark);
    }
    const row = { key: ANCHOR_KEY, value: encodeAnchor(anchor) };
    this.#transact((environment) => put(environment, row, false));
    this.#anchorWatermark = highWatermark;
  }

  /** Makes room in the file for the next commits; between two of them, after the acknowledgement. */
  extendFile(): void {
    if (!this.#file.isDue(this.#lastCommitBytes)) return;
    this.#isUnharmed = false;
    const usedBytes = usedBytesOf(this.#environment);
    this.#environment.resetReadTxn();
    this.#isUnharmed = true;
    this.#file.extend(usedBytes, this.#lastCommitBytes);
  }

  /**
   * Cuts the file to what is used, forces it to disk and closes the environment.
   *
   * @throws {@link FencedError}: the log is another writer's, and the environment is still open.
   */
  async seal(): Promise<LogState> {
    this.#truncate();
    this.#file.sync();
    await this.#end();
    return this.state;
  }

  /** Closes the environment; the file is cut unless the log is another writer's by now. */
  async close(): Promise<void> {
    try {
      this.#truncate();
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
    }
    await this.#end();
  }

  /**
   * Under LMDB's write lock and after a look at the epoch, since the end of the file may hold the
   * pages of a newer writer. Nothing is written, and the transaction is given up.
   */
  #truncate(): void {
    this.#transact((environment) => {
      this.#file.truncate(usedBytesOf(environment));
      return this.#abort;
    });
  }

  /** One durable transaction, if the log is still ours and still where it was. */
  #transact(body: (environment: Environment) => unknown): void {
    this.#isUnharmed = false;
    this.#file.checkInPlace();
    this.#environment.transactionSync(() => {
      const found = this.#storedEpoch();
      if (found !== this.#epoch) this.#fenced = new FencedError(this.#epoch, found);
      const isKept = this.#fenced === undefined && body(this.#environment) !== this.#abort;
      return isKept ? undefined : this.#abort;
    });
    this.#isUnharmed = true;
    this.#checkUnfenced();
  }

  #checkUnfenced(): void {
    if (this.#fenced !== undefined) throw this.#fenced;
  }

  async #end(): Promise<void> {
    this.#isUnharmed = false;
    await this.#environment.close();
    this.#file.close();
  }

  #storedEpoch(): number {
    const row = this.#environment.get(EPOCH_KEY);
    const epoch = row === undefined ? undefined : numberOf(row);
    if (epoch === undefined) throw new CorruptedError("The row of the epoch is missing or damaged");
    return epoch;
  }
}

/** Puts a row and says whether it was stored, which lmdb's types leave out. */
function put(environment: Environment, { key, value }: Row, onlyIfNew: boolean): boolean {
  const isStored: unknown = onlyIfNew
    ? environment.putSync(key, value, NO_OVERWRITE)
    : environment.putSync(key, value);
  return isStored === true;
}
