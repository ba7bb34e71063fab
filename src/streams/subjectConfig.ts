import { asyncScheduler, type SchedulerLike } from "rxjs";
import { InvalidConfigError } from "../model/errors.ts";
import {
  checkInteger,
  checkScheduler,
  DEFAULT_WRITER_OPTIONS,
  MAX_TIMER_MS,
} from "../model/options.ts";

/** The limits of a `BackpressuredSubject`. */
export interface BackpressuredSubjectConfig<T> {
  /** How many values may be passed on and not yet released, from 1. */
  readonly capacity: number;
  /** How many values may wait in line, from 0; default 100 000. */
  readonly maxWaiting?: number;
  /** The size of a value in bytes, an integer from 0; default: values have none. */
  readonly sizeOf?: (value: T) => number;
  /** How many bytes may be passed on and not yet released; default: any number. */
  readonly capacityBytes?: number;
  /** How many bytes may wait in line; default: any number. */
  readonly maxWaitingBytes?: number;
  /** How long the oldest in line may wait until `stall$` tells, from 1 ms; default: for ever. */
  readonly stallAfterMs?: number;
  /** Default: `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** The same with its defaults. */
type CheckedConfig<T> = Required<Omit<BackpressuredSubjectConfig<T>, "stallAfterMs">> &
  Pick<BackpressuredSubjectConfig<T>, "stallAfterMs">;

/** @throws {@link InvalidConfigError} for a limit out of bounds. */
export function checkedSubjectConfig<T>(config: BackpressuredSubjectConfig<T>): CheckedConfig<T> {
  const { capacity, maxWaiting = DEFAULT_WRITER_OPTIONS.maxWaiting, stallAfterMs } = config;
  checkInteger("capacity", capacity, 1, Number.MAX_SAFE_INTEGER);
  const capacityBytes = limitOf("capacityBytes", config.capacityBytes, 1);
  checkInteger("maxWaiting", maxWaiting, 0, Number.MAX_SAFE_INTEGER);
  const maxWaitingBytes = limitOf("maxWaitingBytes", config.maxWaitingBytes, 0);
  const { sizeOf = () => 0, scheduler = asyncScheduler } = config;
  if (typeof sizeOf !== "function") throw new InvalidConfigError("sizeOf", "a function", sizeOf);
  checkScheduler(scheduler);
  if (stallAfterMs !== undefined) checkInteger("stallAfterMs", stallAfterMs, 1, MAX_TIMER_MS);
  const limits = { capacity, capacityBytes, maxWaiting, maxWaitingBytes };
  return { ...limits, sizeOf, scheduler, ...(stallAfterMs !== undefined && { stallAfterMs }) };
}

function limitOf(option: string, value: number | undefined, min: number): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!Number.isSafeInteger(value) || value < min) {
    throw new InvalidConfigError(option, `an integer from ${min}`, value);
  }
  return value;
}
