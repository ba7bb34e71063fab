import type { Seq } from "./entry.ts";

/** What a run is or how it ended; every status but `running` is final. */
export type RunStatus = "running" | "ended" | "crashed-recovered" | "quarantined";

/** The status that a seal gives a run. */
export type SealedStatus = Exclude<RunStatus, "running">;

/** What took part in a run: ids with the hash of their configuration, and lists of names. */
export interface RegisteredComponents {
  readonly actors?: Readonly<Record<string, string>>;
  readonly strategies?: Readonly<Record<string, string>>;
  readonly algorithms?: Readonly<Record<string, string>>;
  readonly subscriptions?: readonly string[];
  readonly endpoints?: readonly string[];
}

/** What ran: whatever a later reader needs to know to repeat or to judge the session. */
export interface RunIdentity {
  readonly binaryHash?: string;
  readonly configHash?: string;
  readonly schemaVersion?: number;
  readonly seed?: bigint;
  readonly featureFlags?: readonly string[];
  readonly adapterVersions?: Readonly<Record<string, string>>;
  readonly components?: RegisteredComponents;
}

/** A run's identity and status, as manifest.json holds it. */
export interface RunManifest {
  /** The version of the format that the run is written in. */
  readonly formatVersion: number;
  readonly runId: string;
  readonly instanceId: string;
  /** The run that this one continues. */
  readonly parentRunId?: string;
  readonly identity: RunIdentity;
  /** When the run was opened, nanoseconds since the Unix epoch. */
  readonly startTsInit: bigint;
  /** The largest `tsInit` in the run; set at seal, absent in an empty run. */
  readonly endTsInit?: bigint;
  /** The last seq; set at seal, 0 while running. */
  readonly highWatermark: Seq;
  readonly status: RunStatus;
}

/** A snapshot's address pinned at a watermark: state up to there can be had without replay. */
export interface SnapshotAnchor {
  readonly highWatermark: Seq;
  /** Where the snapshot is; opaque to tidemark, 1 to 1 024 bytes. */
  readonly blobRef: string;
  /** What the snapshot must hash to; opaque, 1 to 1 024 bytes, usually `contentHashOf(bytes)`. */
  readonly contentHash: string;
}

/** The topic under which only tidemark itself writes. */
export const LIFECYCLE_TOPIC_PREFIX = "run.lifecycle.";
/** The payload type of the first entry of a run. */
export const RUN_STARTED = "RunStarted";
/** The payload type of the last entry of a run that was closed. */
export const RUN_ENDED = "RunEnded";
