import { openRun } from "../../src/index.ts";

/**
 * Seals what crashed in a directory, as the next start of a user's program would, and gives the run
 * that was opened for it and is closed.
 */
export async function recoverAll(directory: string): Promise<string> {
  const run = await openRun({ directory });
  await run.close();
  return run.runId;
}
