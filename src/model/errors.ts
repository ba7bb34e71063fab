import type { Seq } from "./entry.ts";
import type { HaltReason } from "./halt.ts";

/** The stable names of everything that can go wrong; switch on them, never on a message. */
export type ErrorCode = `TIDEMARK_${string}`;

/** The root of every error that tidemark throws; the original failure is in `cause`. */
export abstract class TidemarkError extends Error {
  abstract readonly code: ErrorCode;
  override get name(): string {
    return this.constructor.name;
  }
}

/** A draft is out of bounds. Nothing was recorded for it, and nothing else happened. */
export class InvalidEntryError extends TidemarkError {
  readonly code = "TIDEMARK_INVALID_ENTRY";
  /** The field, as a path: `topic`, `headers.causationId`, `indexKeys[3].key`. */
  readonly field: string;
  /** What the field must be. */
  readonly limit: string;
  readonly value: unknown;

  constructor(field: string, limit: string, value: unknown) {
    super(`Expected \`${field}\` to be ${limit}, got ${printed(value)}`);
    this.field = field;
    this.limit = limit;
    this.value = value;
  }
}

/** An option or an argument is out of bounds. Nothing was opened, created or locked. */
export class InvalidConfigError extends TidemarkError {
  readonly code = "TIDEMARK_INVALID_CONFIG";
  readonly option: string;
  readonly limit: string;
  readonly value: unknown;

  constructor(option: string, limit: string, value: unknown, options?: ErrorOptions) {
    super(`Expected \`${option}\` to be ${limit}, got ${printed(value)}`, options);
    this.option = option;
    this.limit = limit;
    this.value = value;
  }
}

/** The writer has halted; `reason` is the object that `halt$` emitted. */
export class HaltedError extends TidemarkError {
  readonly code = "TIDEMARK_HALTED";
  readonly reason: HaltReason;

  constructor(reason: HaltReason) {
    super(`The writer has halted: ${reason.kind}`, causeOf(reason));
    this.reason = reason;
  }
}

/** The writer, run or reader was closed or abandoned. */
export class ClosedError extends TidemarkError {
  readonly code = "TIDEMARK_CLOSED";

  constructor(what = "run") {
    super(`The ${what} is closed`);
  }
}

/** Another writer holds the instance, or the backend already has a writer. */
export class LockedError extends TidemarkError {
  readonly code = "TIDEMARK_LOCKED";
  /** Who holds it, such as `pid 4711`. */
  declare readonly holder?: string;
  /** Since when, milliseconds since the Unix epoch. */
  declare readonly sinceMs?: number;
  /** True where the holder has halted on a backend failure and keeps the lease until it ends. */
  declare readonly halted?: boolean;

  constructor(
    message: string,
    details: { holder?: string; sinceMs?: number; halted?: boolean } = {},
  ) {
    super(message);
    Object.assign(this, details);
  }
}

/** There is no such directory, instance, run or entry. */
export class NotFoundError extends TidemarkError {
  readonly code = "TIDEMARK_NOT_FOUND";
  readonly what: string;

  constructor(what: string, options?: ErrorOptions) {
    super(`There is no ${what}`, options);
    this.what = what;
  }
}

/** The run is still being written, or crashed and was not recovered yet. */
export class NotSealedError extends TidemarkError {
  readonly code = "TIDEMARK_NOT_SEALED";
  readonly runId: string;

  constructor(runId: string) {
    super(`Run ${runId} is not sealed`);
    this.runId = runId;
  }
}

/** The run is sealed: nothing can be appended to it any more. */
export class SealedError extends TidemarkError {
  readonly code = "TIDEMARK_SEALED";
  readonly runId: string;

  constructor(runId: string) {
    super(`Run ${runId} is sealed`);
    this.runId = runId;
  }
}

/** The data was written in a format that this version does not know. */
export class UnsupportedFormatError extends TidemarkError {
  readonly code = "TIDEMARK_UNSUPPORTED_FORMAT";
  readonly found: unknown;

  constructor(what: string, found: unknown, supported: number) {
    super(`${what} has format version ${printed(found)}; this version reads ${supported}`);
    this.found = found;
  }
}

/** What is stored is not what was written. */
export class CorruptedError extends TidemarkError {
  readonly code = "TIDEMARK_CORRUPTED";
  /** The entry or the first entry of the frame that is damaged, where it is known. */
  declare readonly seq?: Seq;
  /** The seq under which the frame that starts with `seq` is stored, where it does not belong there. */
  declare readonly storedAt?: Seq;
  readonly reason: string;

  constructor(
    reason: string,
    seq?: Seq,
    { storedAt, ...options }: ErrorOptions & { readonly storedAt?: Seq } = {},
  ) {
    super(seq === undefined ? reason : `${reason} (seq ${seq})`, options);
    this.reason = reason;
    if (seq !== undefined) this.seq = seq;
    if (storedAt !== undefined) this.storedAt = storedAt;
  }
}

/** An entry's bytes do not give the hash that was stored with it. */
export class HashMismatchError extends TidemarkError {
  readonly code = "TIDEMARK_HASH_MISMATCH";
  readonly seq: Seq;

  constructor(seq: Seq) {
    super(`The hash of entry ${seq} does not hold`);
    this.seq = seq;
  }
}

/** Entries below the watermark are missing. */
export class GapError extends TidemarkError {
  readonly code = "TIDEMARK_GAP";
  /** The first seq that is missing. */
  readonly from: Seq;
  /** The last seq that is missing. */
  readonly to: Seq;

  constructor(from: Seq, to: Seq) {
    super(`Entries ${from} to ${to} are missing`);
    this.from = from;
    this.to = to;
  }
}

/** A frame or an anchor does not fit the watermark; nothing of it was stored. */
export class OutOfOrderError extends TidemarkError {
  readonly code = "TIDEMARK_OUT_OF_ORDER";
  readonly seq: Seq;
  readonly highWatermark: Seq;

  constructor(seq: Seq, highWatermark: Seq) {
    super(`Seq ${seq} does not fit the watermark ${highWatermark}`);
    this.seq = seq;
    this.highWatermark = highWatermark;
  }
}

/** A newer writer has raised the run's epoch. */
export class FencedError extends TidemarkError {
  readonly code = "TIDEMARK_FENCED";
  readonly epoch: number;
  readonly foundEpoch: number;

  constructor(epoch: number, foundEpoch: number) {
    super(`The writer of epoch ${epoch} was fenced: the run is at epoch ${foundEpoch}`);
    this.epoch = epoch;
    this.foundEpoch = foundEpoch;
  }
}

/** The disk is full, failing or read-only. */
export class DiskError extends TidemarkError {
  readonly code = "TIDEMARK_DISK";
  /** The number that the system or the store gave. */
  declare readonly errno?: number;

  constructor(message: string, errno?: number, options?: ErrorOptions) {
    super(message, options);
    if (errno !== undefined) this.errno = errno;
  }
}

/** The backend failed in a way that is neither the disk's nor the data's. */
export class BackendError extends TidemarkError {
  readonly code = "TIDEMARK_BACKEND";
  declare readonly errno?: number;

  constructor(message: string, errno?: number, options?: ErrorOptions) {
    super(message, options);
    if (errno !== undefined) this.errno = errno;
  }
}

/** The run was found damaged and set aside. */
export class QuarantinedError extends TidemarkError {
  readonly code = "TIDEMARK_QUARANTINED";
  readonly runId: string;

  constructor(runId: string) {
    super(`Run ${runId} is quarantined`);
    this.runId = runId;
  }
}

/** A replay met an entry that it cannot apply; what a reducer threw is in `cause`. */
export class ReplayError extends TidemarkError {
  readonly code = "TIDEMARK_REPLAY";
  /** The run that the entry is in, where the reader tells. */
  declare readonly runId?: string;
  readonly seq: Seq;
  readonly payloadType: string;

  constructor(
    problem: string,
    at: { readonly seq: Seq; readonly payloadType: string; readonly runId?: string | undefined },
    options?: ErrorOptions,
  ) {
    super(`Entry ${at.seq} of type ${printed(at.payloadType)} ${problem}`, options);
    this.seq = at.seq;
    this.payloadType = at.payloadType;
    if (at.runId !== undefined) this.runId = at.runId;
  }
}

/**
 * A {@link BackpressuredSubject} on its own: the value would have made its line too long. Of `record()`:
 * too many items without a draft wait for those before them.
 */
export class OverflowError extends TidemarkError {
  readonly code = "TIDEMARK_OVERFLOW";
  readonly maxWaiting: number;
  /** Where it was the bytes that were too many. */
  declare readonly maxWaitingBytes?: number;

  constructor(maxWaiting: number, maxWaitingBytes?: number) {
    super(
      maxWaitingBytes === undefined
        ? `The line is full: ${maxWaiting} are waiting`
        : `The line is full: no more than ${maxWaitingBytes} bytes may wait`,
    );
    this.maxWaiting = maxWaiting;
    if (maxWaitingBytes !== undefined) this.maxWaitingBytes = maxWaitingBytes;
  }
}

function causeOf(reason: HaltReason): ErrorOptions | undefined {
  return "cause" in reason && reason.cause !== undefined ? { cause: reason.cause } : undefined;
}

const PRINTED_LENGTH = 64;

/** A value as a message shows it: short, and never so that printing it can fail. */
function printed(value: unknown): string {
  if (typeof value === "string") {
    return value.length > PRINTED_LENGTH
      ? `${JSON.stringify(value.slice(0, PRINTED_LENGTH))}… (${value.length} characters)`
      : JSON.stringify(value);
  }
  if (
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean" ||
    value === undefined
  ) {
    return `\`${value}\``;
  }
  return value === null ? "`null`" : `a value of type ${typeName(value)}`;
}

function typeName(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
