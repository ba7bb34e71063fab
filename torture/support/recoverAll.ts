import { openRun } from "../../src/index.ts";

/** Seals what crashed in a directory, as the next start of a user's program would. */
export async function recoverAll(directory: string): Promise<void> {
  const run = await openRun({ directory });
  await run.close();
}
