import { statSync } from "node:fs";
import type { HeadFields } from "../../format/frameHeader.ts";
import { hasHead } from "../../format/OpenHead.ts";
import type { Seq } from "../../model/entry.ts";
import { BackendError, ClosedError, CorruptedError } from "../../model/errors.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import type { Checkpoint, PageOptions } from "../Backend.ts";
import { proveRowBefore, proveRowFrom, valueUnder } from "./absence.ts";
import { anchorIn } from "./storedAnchor.ts";
import { classifyError } from "./classifyError.ts";
import { PageFile } from "./datafile/PageFile.ts";
import type { Snapshot, SnapshotRange, SnapshotRow } from "./datafile/Snapshot.ts";
import { Snapshots, type SnapshotsConfig } from "./datafile/Snapshots.ts";
import { indexKindsIn } from "./indexKinds.ts";
import { decodeIndexRow } from "./indexRow.ts";
import {
  FRAMES_END,
  FRAMES_START,
  frameKey,
  fromSeqOf,
  INDEX_END,
  INDEX_START,
  indexKeyOf,
  indexRangeOf,
  indexRowKey,
  RUN_KEY,
} from "./keys.ts";
import { headerOf, headOf, isBorneOut, logHeadOf, provenHeaderOf } from "./logHead.ts";
import { checkRunRow } from "./ownerRows.ts";
import type { Row } from "./Rows.ts";
import { Turns } from "./Turns.ts";

const DEFAULT_PAGE_BYTES = 2 ** 20;
/** Rows of one page of the index. */
const INDEX_PAGE_ROWS = 1_000;
/** Of all reads of the process: what they have together is what others have to wait for. */
const turns = new Turns();

/** A run's file, open for reading. */
interface Opened {
  readonly file: PageFile;
  readonly snapshots: Snapshots;
}

/**
 * The reading half of a run's log, for the process that writes it as for any other: without LMDB,
 * and without a lock or a reader's place that the writer would know of. The file is opened on first
 * use, and each look is at what is durable at its time.
 *
 * Whatever gives a page gives others a turn before it, unless they have just had one: page after page
 * would else be one long turn, in which no timer fires and no commit returns.
 *
 * Everything rejects {@link CorruptedError} where the file is damaged, {@link BackendError} where it
 * is written faster than it can be read, and after `fail`, {@link ClosedError} after `close`, and
 * what `classifyError` makes of a failure to read.
 */
export class LmdbReads {
  readonly #folder: string;
  readonly #config: SnapshotsConfig;
  #opened: Opened | undefined;
  #refusal: (() => Error) | undefined;

  /** @param config - as `Snapshots` takes it. */
  constructor(folder: string, config: SnapshotsConfig = {}) {
    this.#folder = folder;
    this.#config = config;
  }

  /** The last seq that is on disk. */
  async watermark(): Promise<Seq> {
    return this.#look((snapshot) => logHeadOf(snapshot).watermark);
  }

  /** Rejects {@link CorruptedError} where the file that is read is not the one in the folder. */
  async checkInPlace(): Promise<void> {
    const file = this.#opened?.file;
    if (file === undefined) return;
    if (statSync(file.path, { throwIfNoEntry: false })?.ino !== file.inode) {
      throw new CorruptedError(`${file.path} was removed or replaced while it was read`);
    }
  }

  /**
   * What is wrong with the end of the log: its last frame cannot be read, or a head that is
   * remembered of it is not there.
   */
  async headProblem(latest: Checkpoint | undefined): Promise<string | undefined> {
    return this.#look((snapshot) => {
      if (logHeadOf(snapshot).isDamaged) return "The last frame cannot be read";
      const isRolledBack = latest !== undefined && !isBorneOut(snapshot, latest);
      return isRolledBack ? `The log is not what it was at ${latest.seq}` : undefined;
    });
  }

  /** Rejects {@link CorruptedError} where the log is that of another run. */
  async checkRun(runId: string): Promise<void> {
    this.#look((snapshot) => checkRunRow(snapshot.get(RUN_KEY), runId));
  }

  /**
   * As in `RunLog`; a frame that cannot be read is part of its page, for its reader to judge. Rejects
   * {@link CorruptedError} with its seq where the page starts with one that is stored under another.
   */
  async framesFrom(seq: Seq, options: PageOptions = {}): Promise<readonly Uint8Array[]> {
    await turns.next();
    const from = Math.min(Math.max(seq, 0), Number.MAX_SAFE_INTEGER);
    return this.#look((snapshot) => pageFrom(snapshot, from, options));
  }

  async lookup(kind: string, key: string): Promise<Seq | undefined> {
    await turns.next();
    return this.#look((snapshot) => {
      const row = indexRowKey(kind, key);
      if (row === undefined) return undefined;
      const value = valueUnder(snapshot, row);
      return value === undefined ? undefined : decodeIndexRow({ key: row, value });
    });
  }

  async indexKeys(
    kind: string,
    after?: string,
  ): Promise<readonly { readonly key: string; readonly seq: Seq }[]> {
    await turns.next();
    return this.#look((snapshot) => {
      const range = indexRangeOf(kind);
      const start = after === undefined ? range?.start : keyAfter(indexRowKey(kind, after));
      if (range === undefined || start === undefined) return [];
      const rows = snapshot.getRange({ start, end: range.end, limit: INDEX_PAGE_ROWS });
      const page = Array.from(rows, (row) => ({
        key: indexKeyOf(row.key, kind),
        seq: decodeIndexRow(row),
      }));
      // A first or last row with a damaged key would stand beside those of the kind.
      if (after === undefined) proveRowBefore(snapshot, start);
      if (page.length < INDEX_PAGE_ROWS) proveRowFrom(snapshot, range.end);
      return page;
    });
  }

  async indexKinds(after?: string): Promise<readonly string[]> {
    await turns.next();
    return this.#look((snapshot) => {
      const kinds = indexKindsIn(snapshot, after);
      if (after === undefined) proveRowBefore(snapshot, INDEX_START);
      if (kinds.length === 0) proveRowFrom(snapshot, INDEX_END);
      return kinds;
    });
  }

  async latestSnapshotAnchor(): Promise<SnapshotAnchor | undefined> {
    return this.#look(anchorIn);
  }

  /** Closes the file; a second call does nothing. */
  async close(): Promise<void> {
    this.#refuse(() => new ClosedError("log"));
  }

  /** Reads nothing any more: see `Backend.fail`. */
  fail(): void {
    this.#refuse(() => new BackendError("The backend has failed; nothing is read from it"));
  }

  #look<Result>(look: (snapshot: Snapshot) => Result): Result {
    if (this.#refusal !== undefined) throw this.#refusal();
    try {
      this.#opened ??= opened(this.#folder, this.#config);
      return this.#opened.snapshots.look(look);
    } catch (error) {
      throw classifyError(error, this.#folder);
    }
  }

  #refuse(refusal: () => Error): void {
    this.#refusal ??= refusal;
    this.#opened?.file.close();
    this.#opened = undefined;
  }
}

function opened(folder: string, config: SnapshotsConfig): Opened {
  const file = PageFile.open(folder);
  return { file, snapshots: new Snapshots(file, config) };
}

function pageFrom(snapshot: Snapshot, seq: Seq, options: PageOptions): Uint8Array[] {
  const { maxBytes = DEFAULT_PAGE_BYTES } = options;
  const page: Uint8Array[] = [];
  let bytes = 0;
  for (const frame of framesIn(snapshot, seq, options)) {
    page.push(frame);
    bytes += frame.byteLength;
    if (bytes >= maxBytes) break;
  }
  return page;
}

/** The frames from a seq on, up to one that is not where it belongs: that one is no part of a page. */
function* framesIn(snapshot: Snapshot, seq: Seq, options: PageOptions): Generator<Uint8Array> {
  const { reverse = false, headsOnly = false } = options;
  let isFirst = true;
  for (const row of snapshot.getRange(rangeFrom(seq, reverse))) {
    const { frame, header } = headsOnly ? headIn(row) : frameIn(row);
    // Where the frame with seq is missing, the one before it is no part of the page.
    if (!reverse && endsBefore(row.key, header, seq)) continue;
    const misplaced = misplacedSeqOf(row, header);
    if (misplaced !== undefined) {
      if (!isFirst) return;
      throw new CorruptedError("A frame is not stored under its first seq", misplaced, {
        storedAt: fromSeqOf(row.key) ?? 0,
      });
    }
    yield frame;
    isFirst = false;
  }
}

/** Forward from the last frame that starts at or before the seq, if there is one. */
function rangeFrom(seq: Seq, reverse: boolean): SnapshotRange {
  return reverse
    ? { start: frameKey(seq), end: FRAMES_START, reverse }
    : { start: frameKey(seq), end: FRAMES_END, orBefore: FRAMES_START };
}

/** What a row holds, and its header where it can be read. */
interface StoredFrame {
  readonly frame: Uint8Array;
  readonly header: HeadFields | undefined;
}

function frameIn({ value }: Row): StoredFrame {
  return { frame: value, header: headerOf(value) };
}

/** The same of the start of a frame, if its head is there. */
function headIn(row: SnapshotRow): StoredFrame {
  const { start } = row;
  const header = headOf(start);
  return header !== undefined && hasHead(start, header) ? { frame: start, header } : frameIn(row);
}

/** A frame after the seq is judged by whoever reads it, whatever it says of its end. */
function endsBefore(key: Uint8Array, header: HeadFields | undefined, seq: Seq): boolean {
  return (fromSeqOf(key) ?? seq) < seq && header !== undefined && header.toSeq < seq;
}

/**
 * The first seq of a frame that is right in itself and stored under another one, where it is not
 * found. A damaged frame may say anything of itself: that is for its reader to judge.
 */
function misplacedSeqOf(row: Row, header: HeadFields | undefined): Seq | undefined {
  if (header === undefined || header.fromSeq === fromSeqOf(row.key)) return undefined;
  return provenHeaderOf(row.value)?.fromSeq;
}

/** The lowest key above a key. */
function keyAfter(key: Uint8Array | undefined): Uint8Array | undefined {
  return key === undefined ? undefined : Buffer.concat([key, Uint8Array.of(0)]);
}
