/** How the command ends: 0 fine, 1 the log is damaged or the run halted, 2 it could not run. */
export type ExitCode = 0 | 1 | 2;

const OF_THE_LOG: ReadonlySet<unknown> = new Set([
  "TIDEMARK_CORRUPTED",
  "TIDEMARK_GAP",
  "TIDEMARK_HALTED",
  "TIDEMARK_HASH_MISMATCH",
]);

/** How the command ends when this was thrown, here or in a process that verifies for us. */
export function exitCodeOf(error: unknown): ExitCode {
  return OF_THE_LOG.has((error as { readonly code?: unknown } | undefined)?.code) ? 1 : 2;
}
