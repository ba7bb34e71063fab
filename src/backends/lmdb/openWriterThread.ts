import type { LogState, OpenMode } from "./LogWriter.ts";
import { withoutReaders } from "./ReadEnvironment.ts";
import { startWorker } from "./startWorker.ts";
import { WriterThread } from "./WriterThread.ts";

/** A writer thread whose environment is open. */
export interface OpenedThread {
  readonly thread: WriterThread;
  readonly state: LogState;
}

/** Starts the writer thread of a run and waits until its first transaction is durable. */
export function openWriterThread(folder: string, mode: OpenMode): Promise<OpenedThread> {
  return withoutReaders(folder, async () => {
    const thread = new WriterThread(startWorker({ folder, mode }));
    const { state } = await thread.opened();
    return { thread, state };
  });
}
