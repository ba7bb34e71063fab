import { InvalidConfigError } from "./errors.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** What Node's timers can wait: 2^31 - 1 ms. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The limits of a writer. Every queue, wait and buffer has one; docs/limits.md tells their effect. */
export interface WriterOptions {
  /** Entries accepted and not yet handed to the backend, 1 to 1 000 000; default 10 000. */
  readonly queueCapacity: number;
  /** Their bytes; at least `maxPayloadBytes`, at most 4 GiB; default 64 MiB. */
  readonly queueBytes: number;
  /** Drafts in the line, 0 to 10 000 000; default 100 000. One more halts the writer. */
  readonly maxWaiting: number;
  /** Their bytes, 0 to 16 GiB; default 256 MiB. */
  readonly maxWaitingBytes: number;
  /** Entries of one batch, 1 to 10 000; default 100. */
  readonly maxBatchEntries: number;
  /** Bytes of one batch, 1 to 64 MiB; default 64 KiB. A batch holds at least one entry. */
  readonly maxBatchBytes: number;
  /** How long the first entry of a batch waits for company, 0 to 2 147 483 647 ms; default 5. */
  readonly maxBatchWaitMs: number;
  /** Where the sink is idle the open batch closes at the end of the turn; default true. */
  readonly flushWhenIdle: boolean;
  /** How long the oldest in line may wait before the writer halts, 1 to 2 147 483 647 ms; default 250. */
  readonly haltThresholdMs: number;
  /** How long a commit may take before the writer halts, 1 to 2 147 483 647 ms; default 5 000. */
  readonly commitTimeoutMs: number;
  /** Bytes of one payload, 0 to 64 MiB; default 16 MiB. */
  readonly maxPayloadBytes: number;
}

/** What a writer does when nothing else is asked for. */
export const DEFAULT_WRITER_OPTIONS: WriterOptions = {
  queueCapacity: 10_000,
  queueBytes: 64 * MIB,
  maxWaiting: 100_000,
  maxWaitingBytes: 256 * MIB,
  maxBatchEntries: 100,
  maxBatchBytes: 64 * KIB,
  maxBatchWaitMs: 5,
  flushWhenIdle: true,
  haltThresholdMs: 250,
  commitTimeoutMs: 5_000,
  maxPayloadBytes: 16 * MIB,
};

type NumericOption = Exclude<keyof WriterOptions, "flushWhenIdle">;

/** The largest payload that any writer may be told to take. */
export const MAX_PAYLOAD_BYTES: number = 64 * MIB;

const BOUNDS: Readonly<Record<NumericOption, readonly [min: number, max: number]>> = {
  queueCapacity: [1, 1_000_000],
  queueBytes: [1, 4096 * MIB],
  maxWaiting: [0, 10_000_000],
  maxWaitingBytes: [0, 16_384 * MIB],
  maxBatchEntries: [1, 10_000],
  maxBatchBytes: [1, 64 * MIB],
  maxBatchWaitMs: [0, MAX_TIMER_MS],
  haltThresholdMs: [1, MAX_TIMER_MS],
  commitTimeoutMs: [1, MAX_TIMER_MS],
  maxPayloadBytes: [0, MAX_PAYLOAD_BYTES],
};

/**
 * The options with every default filled in.
 *
 * @throws {@link InvalidConfigError} for a value out of bounds or an option that does not exist.
 */
export function writerOptionsOf(given: Partial<WriterOptions> = {}): WriterOptions {
  checkRecord("writer", given);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(DEFAULT_WRITER_OPTIONS, name)) {
      throw new InvalidConfigError(`writer.${name}`, "an option of the writer", name);
    }
  }
  const present = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const options: WriterOptions = { ...DEFAULT_WRITER_OPTIONS, ...present };
  for (const name of Object.keys(BOUNDS) as NumericOption[]) {
    checkInteger(name, options[name], ...BOUNDS[name]);
  }
  if (typeof options.flushWhenIdle !== "boolean") {
    throw new InvalidConfigError("flushWhenIdle", "true or false", options.flushWhenIdle);
  }
  if (options.queueBytes < options.maxPayloadBytes) {
    throw new InvalidConfigError(
      "queueBytes",
      `at least maxPayloadBytes (${options.maxPayloadBytes})`,
      options.queueBytes,
    );
  }
  return options;
}

/**
 * @throws {@link InvalidConfigError} unless the value is an integer between the bounds.
 */
export function checkInteger(option: string, value: unknown, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw new InvalidConfigError(option, `an integer from ${min} to ${max}`, value);
  }
}

/**
 * @throws {@link InvalidConfigError} unless the value is an object that is no array.
 */
export function checkRecord(option: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidConfigError(option, "an object", value);
  }
}

/**
 * @throws {@link InvalidConfigError} for a field of another name.
 */
export function checkNames(option: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw new InvalidConfigError(`${option}.${name}`, `one of ${known.join(", ")}`, name);
    }
  }
}

/**
 * @throws {@link InvalidConfigError} unless the value has what is used of an RxJS scheduler.
 */
export function checkScheduler(value: unknown): void {
  const { now, schedule }: { readonly now?: unknown; readonly schedule?: unknown } = value ?? {};
  if (typeof now !== "function" || typeof schedule !== "function") {
    throw new InvalidConfigError("scheduler", "an RxJS scheduler", value);
  }
}

/**
 * @throws {@link InvalidConfigError} unless the value is text.
 */
export function checkText(option: string, value: unknown): void {
  if (typeof value !== "string") throw new InvalidConfigError(option, "text", value);
}

/**
 * @throws {@link InvalidConfigError} for what is there and is neither true nor false.
 */
export function checkFlag(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== "boolean") {
    throw new InvalidConfigError(option, "true or false", value);
  }
}
