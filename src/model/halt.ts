import type { Seq } from "./entry.ts";

/** The line of waiting drafts did not move for longer than `haltThresholdMs`. */
export interface BackpressureStall {
  readonly kind: "backpressure-stall";
  /** How long the oldest had waited, milliseconds; never below `thresholdMs`. */
  readonly stalledForMs: number;
  readonly thresholdMs: number;
}

/** A commit did not return within `commitTimeoutMs`. */
export interface CommitStall {
  readonly kind: "commit-stall";
  readonly stalledForMs: number;
  readonly thresholdMs: number;
}

/** The backend failed: the disk, the data, or anything else, a dead writer process too. */
export interface BackendFailure {
  readonly kind: "backend-disk" | "backend-corrupted" | "backend-error";
  readonly message: string;
  /** The number that the system or the store gave, where there was one. */
  readonly code?: number;
  readonly cause?: unknown;
}

/** Another writer has raised the run's epoch: this one must not append any more. */
export interface Fenced {
  readonly kind: "fenced";
  readonly epoch: number;
  readonly foundEpoch: number;
}

/** A draft would have made the line longer than `maxWaiting` or `maxWaitingBytes`. */
export interface Overflow {
  readonly kind: "overflow";
  /** Drafts. */
  readonly maxWaiting: number;
  /** Where it was their bytes that were too many. */
  readonly maxWaitingBytes?: number;
}

/** Why a writer halted, before the two numbers of the instant are known. */
export type HaltCause = BackpressureStall | CommitStall | BackendFailure | Fenced | Overflow;

/**
 * Why a writer halted. Data, not an error: `halt$` emits it once, and every `HaltedError` carries
 * the same object. Switch on `kind`.
 */
export type HaltReason = HaltCause & {
  /** The watermark at the instant of the halt. */
  readonly lastDurableSeq: Seq;
  /**
   * How many accepted entries were not acknowledged when nothing further will be tried: an upper
   * bound, since the next open may find some of them. 0 where the accepted ones are still committed
   * (`backpressure-stall`, `overflow`).
   */
  readonly lostEntries: number;
};
