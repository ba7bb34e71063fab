import type { ObservableInput, Subscribable } from "rxjs";
import type { Frame } from "../format/Frame.ts";
import type { Seq } from "../model/entry.ts";
import type { RunManifest, SealedStatus, SnapshotAnchor } from "../model/manifest.ts";

export type { Frame, IndexRow } from "../format/Frame.ts";

/** The proof of a commit: everything up to `toSeq` is durable. */
export interface Ack {
  readonly toSeq: Seq;
  /** How long the commit took where it ran, milliseconds. */
  readonly commitMs?: number;
}

/** What one page of frames may hold. */
export interface PageOptions {
  /** Newest first: the page holds the frame with `seq` and older ones. */
  readonly reverse?: boolean;
  /** The page ends with the frame that reaches this; it always holds one. Default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * The heads of frames are enough: of each, what comes behind its head and the fixed part of its first
   * entry (56 bytes) may be left out, and does not count for `maxBytes` then. Default false.
   */
  readonly headsOnly?: boolean;
}

/** A head as it once was: the frame that ended with `seq` had this digest. */
export interface Checkpoint {
  readonly seq: Seq;
  /** The epoch of the writer that remembered it. */
  readonly epoch: number;
  readonly digest: Uint8Array;
}

/** What is remembered of a log's heads beside the log. */
export interface Checkpoints {
  /** The latest one that can be read; by the chain of digests it speaks for all before it. */
  readonly latest?: Checkpoint;
  /** What is wrong with the memory itself: it is missing, or some of it cannot be read. */
  readonly problem?: string;
}

/**
 * One run's log for reading: a sequence of sealed frames. Everything about entries (hashes, gaps,
 * filters, replay) is written once, over frames, in format/ and runs/.
 *
 * The methods return an `ObservableInput` that gives one value: a Promise from a disk or a server,
 * a synchronous or virtual-time Observable from memory.
 */
export interface RunLog {
  readonly manifest: RunManifest;
  /** The last seq that is known to be durable. */
  readonly watermark: Seq;
  /** Looks again: what is durable now. */
  refresh(): ObservableInput<Seq>;
  /**
   * Emits when looking again may show something new: after every commit, and after the seal, sooner
   * or later. It may emit for nothing, and inside of whatever call makes the change. Hot, no replay;
   * holds what it takes to know only while somebody listens. It need not always be had, and may
   * error: whoever follows a log looks from time to time besides, and more often without it.
   */
  readonly changes$?: Subscribable<unknown>;
  /**
   * One page of sealed frames, the first of which holds `seq`; where that frame is missing, the
   * page starts with the next one in the direction of the page. An empty page is the end. The bytes are
   * the caller's and stay as they are, also while further pages are read.
   */
  framesFrom(seq: Seq, options?: PageOptions): ObservableInput<readonly Uint8Array[]>;
  lookup(kind: string, key: string): ObservableInput<Seq | undefined>;
  /** One page of the index, by key in UTF-8 order, after the key given. An empty page is the end. */
  indexKeys(
    kind: string,
    after?: string,
  ): ObservableInput<readonly { readonly key: string; readonly seq: Seq }[]>;
  /** One page of the kinds of the index, in UTF-8 order, after the one given. An empty page is the end. */
  indexKinds(after?: string): ObservableInput<readonly string[]>;
  latestSnapshotAnchor(): ObservableInput<SnapshotAnchor | undefined>;
  /**
   * What is remembered of the heads, for a log that can be rolled back or exchanged behind our back;
   * `whole`: look for damage in all of it, and not at its end alone.
   */
  checkpoints?(options?: { readonly whole?: boolean }): ObservableInput<Checkpoints>;
  /** Lets go. A second call does nothing. */
  close(): ObservableInput<void>;
}

/**
 * One run's log for writing. A backend is anything that can make frames durable in order and give
 * them back; `backendContract` in `tidemark/testing` is the executable meaning of this interface.
 */
export interface Backend extends RunLog {
  /** The number that fences older writers of the same run. */
  readonly epoch: number;
  /**
   * Whether the bytes of frames are the caller's again when their append has been acknowledged: it
   * uses the memory for other frames then. Those of an append that failed never are.
   */
  readonly returnsFrames?: boolean;
  /**
   * Whether one more append may come before the last one is acknowledged: it is done after that, and
   * fails where that one does. Default false.
   */
  readonly appendsAhead?: boolean;
  /**
   * Emits why it has failed where nobody would be told of it: while nothing is asked of it. The writer
   * halts then, and not only at its next commit. Replays that to who comes late.
   */
  readonly failure$?: Subscribable<unknown>;
  /**
   * Makes all frames durable in one transaction, or none of them. Takes ownership of their bytes,
   * and fills in hashes and chain (`sealFrame`).
   *
   * Fails with {@link OutOfOrderError} where a frame does not start at watermark + 1,
   * {@link SealedError} after a seal, {@link FencedError} where the epoch was raised. One append at
   * a time, or two with `appendsAhead`: one more before the first is acknowledged is
   * {@link LockedError}.
   */
  append(frames: readonly Frame[]): ObservableInput<Ack>;
  /**
   * Stores an anchor. One beyond the watermark or below the latest anchor is
   * {@link OutOfOrderError}; at the same watermark it replaces the latest.
   */
  recordSnapshotAnchor(anchor: SnapshotAnchor): ObservableInput<void>;
  /**
   * Tells the backend that the writer is about to end the run: what was kept back for that may be
   * used. Whether it succeeds decides nothing.
   */
  finishing?(): ObservableInput<void>;
  /** Ends the run for good; a second seal is {@link SealedError}. */
  seal(status: SealedStatus): ObservableInput<RunManifest>;
  /**
   * Tells the backend that the writer has stopped for good because of a failure or a hang: nothing
   * of the backend may be touched any more, and what fences the run stays held until the process
   * ends. After this every method fails.
   */
  fail?(): void;
}
