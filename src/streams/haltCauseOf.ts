import {
  BackendError,
  CorruptedError,
  DiskError,
  FencedError,
  GapError,
  HashMismatchError,
} from "../model/errors.ts";
import type { BackendFailure, HaltCause } from "../model/halt.ts";

/** What a failure of the backend means for the writer. */
export function haltCauseOf(failure: unknown): HaltCause {
  if (failure instanceof FencedError) {
    return { kind: "fenced", epoch: failure.epoch, foundEpoch: failure.foundEpoch };
  }
  const kind = kindOf(failure);
  return {
    kind,
    message: failure instanceof Error ? failure.message : String(failure),
    ...numberOf(failure),
    cause: failure,
  };
}

function kindOf(failure: unknown): BackendFailure["kind"] {
  if (failure instanceof DiskError) return "backend-disk";
  if (
    failure instanceof CorruptedError ||
    failure instanceof HashMismatchError ||
    failure instanceof GapError
  ) {
    return "backend-corrupted";
  }
  return "backend-error";
}

function numberOf(failure: unknown): { code?: number } {
  const isNumbered = failure instanceof DiskError || failure instanceof BackendError;
  return isNumbered && failure.errno !== undefined ? { code: failure.errno } : {};
}

/** The error that a halt is made of: what the backend said, or that it said nothing. */
export function errorOfHalt(cause: HaltCause): unknown {
  if ("cause" in cause && cause.cause !== undefined) return cause.cause;
  return new BackendError(`The backend gave no answer in time: ${cause.kind}`);
}
