import type { CapturedDraft, Seq } from "../model/entry.ts";
import type { TidemarkError } from "../model/errors.ts";
import type { SnapshotAnchor } from "../model/manifest.ts";
import type { Snapshot } from "../model/Writer.ts";

/** Who wants to hear what becomes of a submission. At most one of the ends is called, once. */
export interface Waiter<Result> {
  /** The draft has its place in the log. */
  readonly accepted?: (seq: Seq) => void;
  /** The end: it is on disk. */
  readonly durable?: (result: Result) => void;
  /** The end: it will not be told that it is on disk. */
  readonly failed: (error: TidemarkError) => void;
}

/** A draft on its way through the pipeline. */
export interface DraftSubmission {
  readonly kind: "draft";
  readonly draft: CapturedDraft;
  readonly sizeBytes: number;
  readonly waiter: Waiter<Seq> | undefined;
}

/** A request to pin a snapshot, on its way through the same queue. */
export interface AnchorSubmission {
  readonly kind: "anchor";
  readonly snapshot: Snapshot;
  readonly sizeBytes: 0;
  readonly waiter: Waiter<SnapshotAnchor>;
  /** True once nobody may store it any more. */
  isCancelled: boolean;
}

/** What is handed in. */
export type Submission = DraftSubmission | AnchorSubmission;
