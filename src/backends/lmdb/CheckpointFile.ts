import {
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError } from "../../model/errors.ts";
import type { Checkpoint } from "../Backend.ts";
import { CHECKPOINT_FILE_NAME, CHECKPOINT_HEADER, encodeCheckpoint } from "./checkpointLine.ts";
import { WRITE_FLAGS } from "./openFlags.ts";
import { scanCheckpoints } from "./readCheckpoints.ts";

/** The head is remembered at the latest when the last one has this many entries behind it. */
const MAX_ENTRIES_BEHIND = 10_000;
const FILE_MODE = 0o600;
const APPEND = WRITE_FLAGS | constants.O_APPEND;
const CREATE = APPEND | constants.O_CREAT | constants.O_EXCL;

/**
 * checkpoints.log beside data.mdb: a line for a head that is on disk, so that a data.mdb which is
 * rolled back or exchanged later on does not pass for whole. LMDB itself cannot tell: a damaged meta
 * page makes it fall back to the transaction before, and an older copy of the file is a good file.
 *
 * Lines are only ever appended, and each is on disk when its `remember` returns.
 */
export class CheckpointFile {
  readonly #file: number;
  #latestSeq: Seq;

  /** Makes the file of a new run. Its name is on disk once its folder is synced. */
  static create(folder: string): CheckpointFile {
    const file = openSync(join(folder, CHECKPOINT_FILE_NAME), CREATE, FILE_MODE);
    fchmodSync(file, FILE_MODE);
    const created = new CheckpointFile(file, 0);
    created.#write(CHECKPOINT_HEADER);
    return created;
  }

  /**
   * Opens the file of a run that was found, and cuts off a last line that is not whole. Undefined
   * where the file is missing or damaged, or not borne out by the log: nothing may hide that.
   */
  static async open(
    folder: string,
    isBorneOut: (checkpoint: Checkpoint) => boolean,
  ): Promise<CheckpointFile | undefined> {
    try {
      const { hasHeader, end, latest } = await scanCheckpoints(folder);
      if (!hasHeader || (latest !== undefined && !isBorneOut(latest))) return undefined;
      const file = openSync(join(folder, CHECKPOINT_FILE_NAME), APPEND);
      if (fstatSync(file).size > end) ftruncateSync(file, end);
      return new CheckpointFile(file, latest?.seq ?? 0);
    } catch (error) {
      if (error instanceof CorruptedError) return undefined;
      throw error;
    }
  }

  private constructor(file: number, latestSeq: Seq) {
    this.#file = file;
    this.#latestSeq = latestSeq;
  }

  /** Whether the last head that is remembered is too far behind. */
  isDue(watermark: Seq): boolean {
    return watermark - this.#latestSeq >= MAX_ENTRIES_BEHIND;
  }

  /**
   * Appends a head, unless it is remembered already.
   *
   * @throws what the file system says. A part of the line may be there then: nothing can follow it.
   */
  remember(head: Checkpoint): void {
    if (head.seq <= this.#latestSeq) return;
    this.#write(encodeCheckpoint(head));
    this.#latestSeq = head.seq;
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(line: string): void {
    const bytes = Buffer.from(line);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    fdatasyncSync(this.#file);
  }
}
