import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LogWriter, type OpenMode } from "../../../src/backends/lmdb/LogWriter.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

/** The writer of a log in this process. */
export function opened(folder: string, mode: OpenMode, runId = "run-1"): Promise<LogWriter> {
  return LogWriter.open({ folder, mode, runId });
}

/** Takes a step with the writer of a new log, in a folder that is removed afterwards. */
export async function inNewLog(
  step: (writer: LogWriter, folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await step(await opened(folder, "create"), folder);
  });
}

/** What can be seen of a log. */
export async function watermarkIn(folder: string): Promise<number> {
  const reads = new LmdbReads(folder);
  try {
    return await reads.watermark();
  } finally {
    await reads.close();
  }
}
