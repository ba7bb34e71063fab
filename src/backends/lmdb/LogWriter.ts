import { chainHeadOf, type ChainHead } from "../../format/frameHeader.ts";
import { GENESIS } from "../../format/sealFrame.ts";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError, FencedError, OutOfOrderError } from "../../model/errors.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import { AheadSealer, type NextAppend } from "./AheadSealer.ts";
import { decodeAnchor, encodeAnchor } from "./anchorRow.ts";
import { CheckpointFile } from "./CheckpointFile.ts";
import { checkFoundFile, type CheckedFile } from "./checkFoundFile.ts";
import { isOfRoom } from "./classifyError.ts";
import { DataFile } from "./DataFile.ts";
import { openEnvironment, type Environment } from "./environment.ts";
import { ANCHOR_KEY } from "./keys.ts";
import { isBorneOut, logHeadOf } from "./logHead.ts";
import { beginLog, takeOverLog } from "./ownerRows.ts";
import { OwnTransactions } from "./OwnTransactions.ts";
import { FEW_ROWS, RoomAhead, type CommitSize } from "./RoomAhead.ts";
import { put, putSealed } from "./put.ts";
import type { SealedRows } from "./RowSealer.ts";
import { notedTxnids } from "./SyncMark.ts";

/** Whether a run's environment is new or was found. */
export type OpenMode = "create" | "recover";

/** What a log has come to. */
export interface LogState {
  readonly epoch: number;
  readonly watermark: Seq;
  /** The largest `tsInit` of the run; absent in an empty or damaged one. */
  readonly maxTsInit?: bigint;
}

/** Which log to open, and how. */
export interface OpenLog {
  readonly folder: string;
  readonly mode: OpenMode;
  readonly runId: string;
}

/** What a {@link LogWriter} is made of. */
interface Parts {
  readonly file: DataFile;
  readonly room: RoomAhead;
  readonly transactions: OwnTransactions;
  readonly checkpoints: CheckpointFile | undefined;
}

/** Where a log stands that was opened. */
interface Standing {
  readonly epoch: number;
  readonly watermark: Seq;
  /** Undefined where the last frame is damaged: nothing can be appended to it. */
  readonly head: ChainHead | undefined;
  readonly anchorWatermark: Seq;
}

/**
 * The one writer of a run's environment. It blocks while it writes and so lives in a process of its
 * own. Everything that can be checked or computed is done before a transaction begins: inside there
 * are puts alone.
 *
 * An error that leaves it `isUnharmed` was a refusal: nothing was stored, and it goes on. After any
 * other it must not be used again, not even closed, since LMDB may be left with its lock held.
 */
export class LogWriter {
  readonly #file: DataFile;
  readonly #room: RoomAhead;
  readonly #transactions: OwnTransactions;
  readonly #checkpoints: CheckpointFile | undefined;
  readonly #sealer = new AheadSealer();
  #standing: Standing;
  /** What failed and is not tried again: every later request is told the same. */
  #failure: unknown;

  /**
   * Opens the environment of a folder with one durable transaction: it stores the run and epoch 1 in
   * a new one, and raises the epoch of one that was found, which fences its older writers and forces
   * to disk whatever is read here. LMDB sees no file that was not checked before.
   *
   * @param checked - what the check of a file that was found has given, if that is done already
   * @throws {@link CorruptedError} where what was found is damaged or of another run, and what the
   * file system or LMDB says; the environment may be open then, and the process must end.
   */
  static async open({ folder, mode, runId }: OpenLog, checked?: CheckedFile): Promise<LogWriter> {
    const isNew = mode === "create";
    const lastDigest = isNew ? undefined : (checked ?? checkFoundFile(folder)).lastDigest;
    const found = isNew ? undefined : foundFile(folder);
    // Before LMDB has opened lock.mdb: to close it then would let go of LMDB's lock on it.
    const noted = isNew ? [] : notedTxnids(folder);
    const { ABORT: abort } = await import("lmdb");
    const environment = await openEnvironment(folder);
    const file = found ?? new DataFile(folder);
    const room = new RoomAhead(folder, file);
    room.makeFor(FEW_ROWS);
    // Nothing else writes here: the lease is ours, and an older writer finds its epoch raised.
    const own = isNew ? beginLog : takeOverLog;
    const parts = { environment, folder, file, abort, noted, lastDigest };
    const transactions = OwnTransactions.begin(parts, () => own(environment, runId));
    const { epoch } = transactions;
    const checkpoints = isNew
      ? CheckpointFile.create(folder)
      : await CheckpointFile.open(folder, (head) => isBorneOut(environment, head));
    const standing = standingOf(environment, epoch);
    environment.resetReadTxn();
    return new LogWriter({ file, room, transactions, checkpoints }, standing);
  }

  private constructor({ file, room, transactions, checkpoints }: Parts, standing: Standing) {
    this.#file = file;
    this.#room = room;
    this.#transactions = transactions;
    this.#checkpoints = checkpoints;
    this.#standing = standing;
  }

  get isUnharmed(): boolean {
    return this.#failure === undefined && this.#transactions.isUnharmed;
  }

  /** The last transaction, which is durable. */
  get txnid(): number {
    return this.#transactions.txnid;
  }

  get state(): LogState {
    const { epoch, watermark, head } = this.#standing;
    const maxTsInit = head?.maxTsInit;
    return maxTsInit === undefined ? { epoch, watermark } : { epoch, watermark, maxTsInit };
  }

  /**
   * Seals the frames and makes them durable with their index rows in one transaction.
   *
   * @throws {@link OutOfOrderError} where the frames do not follow the watermark,
   * {@link FencedError}, {@link CorruptedError} where one is no frame or data.mdb was replaced, and
   * what the file system says where there is no room for them.
   */
  append(frames: readonly Uint8Array[]): Seq {
    const rows = this.#rowsOf(frames);
    this.#makeRoom({ frames, indexRows: rows.indexRows.length });
    this.#transactions.commit((environment) => putSealed(environment, rows));
    return this.#appended(rows);
  }

  /**
   * The same; and what follows is sealed while the disk syncs, if it is there by then.
   *
   * @param next - when it is asked, the frames of this append are not needed any more
   */
  async appendBefore(next: NextAppend, frames: readonly Uint8Array[]): Promise<Seq> {
    const rows = this.#rowsOf(frames);
    this.#makeRoom({ frames, indexRows: rows.indexRows.length });
    await this.#transactions.commitDuring(
      () => (next.isThere() ? (isSynced) => this.#sealer.begin(next, rows, isSynced) : undefined),
      (environment) => putSealed(environment, rows),
    );
    return this.#appended(rows);
  }

  /** Stores the latest anchor. @throws as {@link append}. */
  recordSnapshotAnchor(anchor: SnapshotAnchor): void {
    this.#checkUsable();
    const { highWatermark } = anchor;
    const { watermark, anchorWatermark } = this.#standing;
    if (highWatermark > watermark || highWatermark < anchorWatermark) {
      throw new OutOfOrderError(highWatermark, watermark);
    }
    const row = { key: ANCHOR_KEY, value: encodeAnchor(anchor, this.txnid + 1) };
    this.#makeRoom(FEW_ROWS);
    this.#transactions.commit((environment) => put(environment, row, false));
    this.#standing = { ...this.#standing, anchorWatermark: highWatermark };
  }

  /**
   * What is due between two commits, after the acknowledgement: room for the next ones, and the head
   * remembered where it was not for too long.
   *
   * @throws what the file system says. Nothing is committed from then on.
   */
  prepareNext(): void {
    try {
      this.#room.renew();
      if (this.#checkpoints?.isDue(this.#standing.watermark) === true) this.#remember();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /**
   * Remembers the head beside the log, where that was not done yet.
   *
   * @throws what the file system says. Nothing is committed from then on: how far what is remembered
   * may be behind is a promise.
   */
  checkpoint(): void {
    this.#checkUsable();
    this.#remember();
  }

  /**
   * Cuts the file to what is used, forces it to disk, remembers the head and closes the environment.
   *
   * @throws {@link FencedError}: the log is another writer's, and the environment is still open.
   */
  async seal(): Promise<LogState> {
    this.#checkUsable();
    this.#truncate();
    try {
      this.#file.sync();
    } catch (error) {
      // A sync that is tried again may say that all is well, and nothing is.
      this.#failure = error;
      throw error;
    }
    this.#remember();
    await this.#end();
    return this.state;
  }

  /**
   * Cuts the file to what is used, remembers the head and closes the environment, unless the log is
   * another writer's by now: then it only lets go.
   */
  async close(): Promise<void> {
    if (this.#failure !== undefined) {
      // What has failed is not touched again, and nothing follows a close.
      this.#transactions.giveUp();
      throw this.#failure;
    }
    try {
      this.#truncate();
      this.#remember();
    } catch (error) {
      if (!(error instanceof FencedError)) {
        // Nothing follows a close: where it fails, the process ends instead.
        this.#transactions.giveUp();
        throw error;
      }
    }
    await this.#end();
  }

  #rowsOf(frames: readonly Uint8Array[]): SealedRows {
    this.#checkUsable();
    const { head, watermark } = this.#standing;
    if (head === undefined) throw new CorruptedError("The last frame cannot be read");
    return this.#sealer.rowsOf(frames, { watermark, head });
  }

  #appended({ watermark, head }: SealedRows): Seq {
    this.#standing = { ...this.#standing, watermark, head };
    return watermark;
  }

  /** Room for a transaction, before anything is touched. */
  #makeRoom(commit: CommitSize): void {
    try {
      this.#room.makeFor(commit);
    } catch (error) {
      // Room can be made for us. What else has failed is not tried again.
      if (!isOfRoom(error)) this.#failure = error;
      throw error;
    }
  }

  /** Under the write lock: the end of the file may hold the pages of a newer writer. */
  #truncate(): void {
    this.#transactions.underLock(() => this.#file.truncate());
  }

  #remember(): void {
    const { epoch, watermark: seq, head } = this.#standing;
    if (head === undefined || seq === 0) return;
    try {
      this.#checkpoints?.remember({ seq, epoch, digest: head.digest });
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #checkUsable(): void {
    this.#transactions.checkUnfenced();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #end(): Promise<void> {
    await this.#transactions.end();
    this.#file.close();
    this.#checkpoints?.close();
  }
}

function standingOf(environment: Environment, epoch: number): Standing {
  const { watermark, header, isDamaged } = logHeadOf(environment);
  const last = header === undefined ? GENESIS : chainHeadOf(header);
  const anchorRow = environment.get(ANCHOR_KEY);
  return {
    epoch,
    watermark,
    head: isDamaged ? undefined : last,
    anchorWatermark: anchorRow === undefined ? 0 : decodeAnchor(anchorRow).highWatermark,
  };
}

/** The file of a log that is there, with room for LMDB's first transaction. */
function foundFile(folder: string): DataFile {
  const file = new DataFile(folder);
  new RoomAhead(folder, file).makeFor(FEW_ROWS);
  return file;
}
