import { HaltedError, TidemarkError } from "../../src/model/errors.ts";
import type { Failure } from "./History.ts";

/** What is told of an error; of one that is none of ours, that it is unknown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HaltedError) return { code: error.code, reason: error.reason };
  return { code: error instanceof TidemarkError ? error.code : "unknown" };
}
