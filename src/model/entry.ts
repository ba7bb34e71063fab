/**
 * A sequence number: 1, 2, 3 … in the order of acceptance, dense over the life of a run. 0 stands
 * for none. Always a safe integer.
 */
export type Seq = number;

/** Who asked for an entry and what caused it: RFC 4122 UUIDs, in lower case when read. */
export interface EntryHeaders {
  /** The workflow or chain that the entry belongs to. */
  readonly correlationId?: string;
  /** The message that directly caused the entry. */
  readonly causationId?: string;
}

/** One key under which an entry can be found; `kind` names the space that `key` is unique in. */
export interface IndexKey {
  readonly kind: string;
  readonly key: string;
}

/** The index kind of the order ids that the trading system itself gives. */
export const CLIENT_ORDER_ID = "clientOrderId";
/** The index kind of the order ids that a venue gives. */
export const VENUE_ORDER_ID = "venueOrderId";

/**
 * What a caller hands in. It is captured before the call returns: changing the payload buffer
 * afterwards changes nothing. Every string must be well formed (no lone surrogate) and free of NUL.
 */
export interface EntryDraft {
  /** 1 to 512 bytes of UTF-8. Topics that start with `run.lifecycle.` are refused. */
  readonly topic: string;
  /** 1 to 128 bytes of UTF-8: how the payload is to be read. */
  readonly payloadType: string;
  /** At most `maxPayloadBytes`; a string is stored as UTF-8. */
  readonly payload: Uint8Array | string;
  /**
   * The caller's time in nanoseconds since the Unix epoch, 0 to 2^64 - 1; may be historic.
   * Default: the clock at submission.
   */
  readonly tsInit?: bigint;
  readonly headers?: EntryHeaders;
  /** At most 256 keys, each with 1 to 480 bytes of kind and key together. */
  readonly indexKeys?: readonly IndexKey[];
}

/**
 * A draft that became part of the log. Its payload is a copy that belongs to the reader; with those of
 * its neighbours it may lie in one `buffer` of up to 64 KiB, which is not for transferring.
 */
export interface Entry {
  readonly seq: Seq;
  /** The caller's time, nanoseconds since the Unix epoch. */
  readonly tsInit: bigint;
  /** When the draft was handed in, nanoseconds since the Unix epoch; never decreases in a run. */
  readonly tsPublish: bigint;
  readonly topic: string;
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly headers: EntryHeaders;
  readonly indexKeys: readonly IndexKey[];
  /** BLAKE3 over the canonical bytes (docs/format.md), 32 bytes. */
  readonly hash: Uint8Array;
}

/**
 * A draft as the pipeline carries it: checked, its bytes copied, its times stamped.
 *
 * @internal
 */
export interface CapturedDraft {
  readonly topic: string;
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly tsInit: bigint;
  readonly tsPublish: bigint;
  readonly headers: EntryHeaders;
  readonly indexKeys: readonly IndexKey[];
}
