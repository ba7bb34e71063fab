import type { Observable, Observer } from "rxjs";
import type { EntryDraft, Seq } from "./entry.ts";
import type { HaltReason } from "./halt.ts";
import type { RunManifest, SnapshotAnchor } from "./manifest.ts";

/** What closed a batch: its limits, its age, an idle sink, or an anchor or the end of the run. */
export type BatchClosedBy = "count" | "bytes" | "time" | "idle" | "barrier";

/** One durable transaction. */
export interface Commit {
  readonly fromSeq: Seq;
  readonly toSeq: Seq;
  readonly batches: readonly { readonly entries: number; readonly closedBy: BatchClosedBy }[];
  /** The bytes of all frames of the commit. */
  readonly bytes: number;
  /** Entries that were accepted and not durable when the commit returned. */
  readonly queuedEntries: number;
  /** As the backend measured it, else from handing the frames over to the ack; milliseconds. */
  readonly commitMs: number;
}

/** How close the writer is to its limits. */
export type PressureLevel = "clear" | "rising" | "stalling";

/** The state of the queue when its level changed. */
export interface Pressure {
  /**
   * `rising` from 50 % of the queue on, by entries or bytes, until it is below 40 %; `stalling`
   * while someone is in line.
   */
  readonly level: PressureLevel;
  /** Values in the queue. */
  readonly queued: number;
  /** Values in the line. */
  readonly waiting: number;
  /** How long the oldest in line has waited, milliseconds. */
  readonly oldestWaitMs: number;
}

/** What can be watched of a writer. None of its streams ever errors. */
export interface RunStreams {
  /** The last seq that was given. */
  readonly accepted: Seq;
  /** The last seq that is durable, 0 for none. */
  readonly watermark: Seq;
  readonly manifest: RunManifest;
  /**
   * The last durable seq. Hot; replays the current value, after completion too; strictly rising,
   * one emission per commit. Completes when nothing more can become durable: closed, abandoned, or
   * halted and drained.
   */
  readonly watermark$: Observable<Seq>;
  /**
   * Why the writer stopped. Hot; replays its one value. Completes after the reason, or empty on
   * close and abandon.
   */
  readonly halt$: Observable<HaltReason>;
  /** Every durable transaction. Hot, replays nothing; completes with `watermark$`. */
  readonly commits$: Observable<Commit>;
  /** Changes of the pressure level. Hot, replays the current one; completes with `watermark$`. */
  readonly pressure$: Observable<Pressure>;
}

/** A snapshot to pin at the watermark. */
export interface Snapshot {
  /** Where it is; opaque, 1 to 1 024 bytes. */
  readonly blobRef: string;
  /** What it hashes to; opaque, 1 to 1 024 bytes. */
  readonly contentHash: string;
}

/** The bare pipeline over a backend: hands drafts in, tells what is durable. */
export interface Writer extends RunStreams, AsyncDisposable {
  /**
   * Hands a draft in if there is room right now.
   *
   * @returns false, with nothing kept, when the queue is full, someone is in line, or the writer
   * has halted or was closed.
   * @throws {@link InvalidEntryError} for a draft out of bounds.
   */
  offer(draft: EntryDraft): boolean;
  /**
   * Hands a draft in, waiting in line for room.
   *
   * @returns the seq, once the draft is **accepted**; it is not durable then.
   */
  submit(draft: EntryDraft): Promise<Seq>;
  /**
   * Hands a draft in and waits until it is **durable**. Awaited one by one in a loop, each call is
   * a commit of its own.
   */
  append(draft: EntryDraft): Promise<Seq>;
  /** `append` as a cold Observable: each subscription hands the draft in once. */
  append$(draft: EntryDraft): Observable<Seq>;
  /**
   * The pipeline's input as an Observer. `next` throws {@link InvalidEntryError} and does nothing
   * after a halt or close; `complete` and `error` do not close the run.
   */
  readonly submissions: Observer<EntryDraft>;
  /** Pins a snapshot at the watermark that everything handed in before it gives. */
  recordSnapshotAnchor(snapshot: Snapshot): Promise<SnapshotAnchor>;
  /**
   * Commits what was handed in, then `finalDraft` if given, and seals the log `ended`. Idempotent:
   * the same promise.
   */
  close(finalDraft?: EntryDraft): Promise<RunManifest>;
  /** Commits what was accepted and lets go without sealing. Never rejects. */
  abandon(): Promise<void>;
}
