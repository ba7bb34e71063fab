// Entries
export { CLIENT_ORDER_ID, VENUE_ORDER_ID } from "./model/entry.ts";
export type { Entry, EntryDraft, EntryHeaders, IndexKey, Seq } from "./model/entry.ts";
export { entryHashOf } from "./format/entryHash.ts";
export { contentHashOf } from "./format/contentHash.ts";

// Runs
export { openRun, type OpenRunOptions } from "./runs/openRun.ts";
export type {
  RegisteredComponents,
  RunIdentity,
  RunManifest,
  RunStatus,
  SealedStatus,
  SnapshotAnchor,
} from "./model/manifest.ts";
export type { Run, RunReader, RunSummary } from "./model/Run.ts";

// Writing
export { openWriter, type OpenWriterOptions } from "./streams/openWriter.ts";
export type { WriterOptions } from "./model/options.ts";
export type { Clock } from "./model/Clock.ts";
export type {
  BatchClosedBy,
  Commit,
  Pressure,
  PressureLevel,
  RunStreams,
  Snapshot,
  Writer,
} from "./model/Writer.ts";
export type {
  BackendFailure,
  BackpressureStall,
  CommitStall,
  Fenced,
  HaltCause,
  HaltReason,
  Overflow,
} from "./model/halt.ts";
export { BackpressuredSubject } from "./streams/BackpressuredSubject.ts";
export type { BackpressuredSubjectConfig } from "./streams/subjectConfig.ts";

// Reading
export { readRun, type ReadRunOptions, type RunAddress } from "./runs/readRun.ts";
export { listRuns } from "./runs/listRuns.ts";
export { recoverRuns, type RecoverRunsOptions } from "./runs/recoverRuns.ts";
export type { RecoveryProgress } from "./runs/recoverRun.ts";
export type { EntryQuery, EntrySource, SnapshotReplayPlan } from "./model/Run.ts";

// State from the log
export { replay, type Replayed, type ReplayOptions } from "./runs/replay.ts";
export type { ReplaySource } from "./runs/lineage.ts";
export type { Reducers } from "./runs/StateFold.ts";

// Verification
export { verifyRun, type VerifyReport, type VerifyRunOptions } from "./runs/verifyRun.ts";
export type { Finding } from "./runs/Finding.ts";

// Retention
export { planRetention, type RetentionOptions, type RetentionPlan } from "./runs/planRetention.ts";
export { applyRetention, type AppliedRetention } from "./runs/applyRetention.ts";
export type { KeepReason, KeptRun, RetentionMode } from "./runs/retain.ts";

// Ports: where runs live, and one run's log
export { lmdbCatalog } from "./backends/lmdb/lmdbCatalog.ts";
export { memoryCatalog } from "./backends/memory/memoryCatalog.ts";
export type {
  Ack,
  Backend,
  Checkpoint,
  Checkpoints,
  Frame,
  IndexRow,
  PageOptions,
  RunLog,
} from "./backends/Backend.ts";
export type { Lease, ListOptions, ReadOptions, RunCatalog } from "./backends/RunCatalog.ts";
export type { CatalogAddress } from "./runs/catalogOf.ts";

// Errors
export {
  BackendError,
  ClosedError,
  CorruptedError,
  DiskError,
  FencedError,
  GapError,
  HaltedError,
  HashMismatchError,
  InvalidConfigError,
  InvalidEntryError,
  LockedError,
  NotFoundError,
  NotSealedError,
  OutOfOrderError,
  OverflowError,
  QuarantinedError,
  ReplayError,
  SealedError,
  TidemarkError,
  UnsupportedFormatError,
  type ErrorCode,
} from "./model/errors.ts";
