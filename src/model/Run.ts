import type { Observable } from "rxjs";
import type { Entry, IndexKey, Seq } from "./entry.ts";
import type { RunManifest, SnapshotAnchor } from "./manifest.ts";
import type { Writer } from "./Writer.ts";

/** Which entries to read. Without any field: all of them, oldest first. */
export interface EntryQuery {
  /** The first seq, from 1; default 1. */
  readonly from?: Seq;
  /** The last seq; default: the watermark at the start, or without end when live. */
  readonly to?: Seq;
  /** Newest first. */
  readonly reverse?: boolean;
  /**
   * Go on with what becomes durable after the history; not with `reverse`. Ends after the last
   * durable entry: where the run is closed, abandoned or halted here, and where another process
   * writes it, once it is sealed or nobody holds its lease any more. Who holds it in another network
   * namespace is not seen: a reader there ends although the run may still be written.
   */
  readonly live?: boolean;
  /** Globs: `*` any characters, dots included, `?` one; anchored and case-sensitive. */
  readonly topics?: readonly string[];
  readonly payloadTypes?: readonly string[];
  readonly correlationId?: string;
  /** Entries that carry this key. */
  readonly indexKey?: IndexKey;
  /**
   * With `live`, without `to`, on a reader: after the run has ended, go on with the run whose parent
   * it is, from that one's first entry on, and so on. **Each run counts its seqs from 1**: `onChild`
   * tells where the next one begins. Ends where a run has ended and has no child. One that crashed
   * gets its child from the process that comes next: it is waited for, without a limit of time, as
   * long as no newer run is there.
   */
  readonly followChildren?: boolean;
  /** With `followChildren`: called with each run that is gone on to, before its first entry. */
  readonly onChild?: (manifest: RunManifest) => void;
  /**
   * With `live`: called once, when the history is through, with the seq reached; with
   * `followChildren`, in the last run that there is.
   */
  readonly onCaughtUp?: (seq: Seq) => void;
}

/** What a replay has to read: the newest snapshot, and the entries after it. */
export interface SnapshotReplayPlan {
  readonly anchor?: SnapshotAnchor;
  readonly fromSeq: Seq;
  readonly toSeq: Seq;
  /** Nothing follows the snapshot. */
  readonly isEmpty: boolean;
}

/**
 * A log that can be read. `entries` checks every hash, digest and link, and that no seq is missing;
 * `entryAt` the entry's hash and the head of its frame; `lookup` that head alone. Index rows and anchors
 * have a CRC.
 */
export interface EntrySource {
  /**
   * The entries that the query asks for. Read in pages: a slow consumer never makes a writer wait,
   * and no read transaction stays open between pages.
   */
  entries(query?: EntryQuery): AsyncIterable<Entry>;
  /** The same as a cold Observable; completes where the iteration ends, errors where it throws. */
  entries$(query?: EntryQuery): Observable<Entry>;
  /** Undefined for an entry that is not durable at the call, whoever writes the run. */
  entryAt(seq: Seq): Promise<Entry | undefined>;
  /** The first seq that mentioned the key. */
  lookup(kind: string, key: string): Promise<Seq | undefined>;
  /** Every key of a kind with the first seq that mentioned it, by key in UTF-8 order. */
  indexKeys(kind: string): AsyncIterable<{ readonly key: string; readonly seq: Seq }>;
  latestSnapshotAnchor(): Promise<SnapshotAnchor | undefined>;
  /** As the run is at the call. */
  snapshotReplayPlan(): Promise<SnapshotReplayPlan>;
}

/** One session's log, open for writing and reading. */
export interface Run extends Writer, EntrySource {
  readonly runId: string;
  readonly instanceId: string;
  /** The unsealed predecessors that this open found and sealed, oldest first. */
  readonly recovered: readonly RunManifest[];
  /** Commits what was handed in, then `RunEnded`, and seals the run `ended`. */
  close(): Promise<RunManifest>;
}

/** A run open for reading alone. */
export interface RunReader extends EntrySource, AsyncDisposable {
  readonly runId: string;
  readonly instanceId: string;
  readonly manifest: RunManifest;
  /**
   * The last durable seq, then each later one; of a sealed run it emits once and completes. One that
   * another process writes is followed as long as somebody subscribes, which keeps this process
   * alive; completes once it is sealed or nobody holds its lease any more. Errors where the run
   * cannot be read any more, and with {@link ClosedError} when the reader is closed.
   */
  readonly watermark$: Observable<Seq>;
  close(): Promise<void>;
}

/** A run in a list of runs. */
export interface RunSummary {
  readonly manifest: RunManifest;
  /** The last durable seq. */
  readonly watermark: Seq;
  readonly sizeBytes: number;
  /** A process holds the run's lease and writes it. */
  readonly isLive: boolean;
  /** What is wrong with the run, where something is. */
  readonly problem?: string;
}
