import { TidemarkError, type ErrorCode } from "../model/errors.ts";

/** How the command ends: 0 fine, 1 the log is damaged or the run halted, 2 it could not run. */
export type ExitCode = 0 | 1 | 2;

const OF_THE_LOG: ReadonlySet<ErrorCode> = new Set([
  "TIDEMARK_CORRUPTED",
  "TIDEMARK_GAP",
  "TIDEMARK_HALTED",
  "TIDEMARK_HASH_MISMATCH",
]);

/** How the command ends when this was thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  return isOfTheLog(error) ? 1 : 2;
}

/** Whether an error tells of damage or a halt, and not of something that kept us from running. */
export function isOfTheLog(error: unknown): error is TidemarkError {
  return error instanceof TidemarkError && OF_THE_LOG.has(error.code);
}
