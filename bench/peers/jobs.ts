/** What every job says: where, and how big a payload is. */
interface Work {
  /** Empty, and removed by the caller. */
  readonly directory: string;
  readonly payloadBytes: number;
}

/** One commit outstanding; each is durable before the next begins. */
export interface CommitsJob extends Work {
  readonly kind: "commits";
  /** Entries of a commit. */
  readonly batch: number;
  /** Commits that are measured. */
  readonly commits: number;
  /** Commits before those. */
  readonly warmUp: number;
}

/** Always as many entries accepted and not acknowledged; refilled as acknowledgements come. */
export interface SaturatedJob extends Work {
  readonly kind: "saturated";
  readonly outstanding: number;
  /** Entries that are measured. */
  readonly entries: number;
  /** Entries before those. */
  readonly warmUp: number;
}

/** Entries come at a fixed rate, whatever the peer does. */
export interface LatencyJob extends Work {
  readonly kind: "latency";
  readonly perSecond: number;
  readonly entries: number;
  readonly warmUp: number;
}

/** What the disk holds afterwards. */
export interface BytesJob extends Work {
  readonly kind: "bytes";
  readonly batch: number;
  readonly entries: number;
}

/** What a peer is asked to do. */
export type Job = CommitsJob | SaturatedJob | LatencyJob | BytesJob;

/** A peer cannot do that kind of job, and why in a few words. */
export interface Unsupported {
  readonly unsupported: string;
}

/** What a peer found out about its commits. */
export interface CommitsResult {
  readonly medianUs: number;
  readonly p99Us: number;
  readonly entriesPerSecond: number;
}

/** What a saturated peer gave. */
export interface SaturatedResult {
  readonly entriesPerSecond: number;
}

/** Microseconds from the moment at which an entry was due until it was known to be durable. */
export interface Percentiles {
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/**
 * Taken where the commit returned, and `heard` where the caller hears of it. They are equal where the
 * caller alone can tell, and `heard` is missing where only the commit was looked at.
 */
export interface LatencyResult extends Percentiles {
  readonly heard?: Percentiles;
}

/** Bytes of all files, divided by the entries in them. */
export interface BytesResult {
  readonly storedBytesPerEntry: number;
}

/** The answer to each kind of job. */
export interface ResultOf {
  readonly commits: CommitsResult;
  readonly saturated: SaturatedResult;
  readonly latency: LatencyResult;
  readonly bytes: BytesResult;
}
