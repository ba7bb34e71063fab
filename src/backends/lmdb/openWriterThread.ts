import { BackendError } from "../../model/errors.ts";
import type { LogState, OpenMode } from "./LogWriter.ts";
import { withoutReaders } from "./ReadEnvironment.ts";
import { startWorker } from "./startWorker.ts";
import { WriterThread } from "./WriterThread.ts";

/** A writer thread whose environment is open. */
export interface OpenedThread {
  readonly thread: WriterThread;
  readonly state: LogState;
}

/**
 * How long a thread may take to open its environment. LMDB waits without end for a writer of
 * another process that was stopped inside a transaction.
 */
const OPEN_TIMEOUT_MS = 10_000;

/**
 * Starts the writer thread of a run and waits until its first transaction is durable. Rejects
 * {@link BackendError} where that takes longer than 10 s; the thread is then left to itself.
 */
export function openWriterThread(folder: string, mode: OpenMode): Promise<OpenedThread> {
  return withoutReaders(folder, async () => {
    const thread = new WriterThread(startWorker({ folder, mode }));
    const timeout = setTimeout(() => {
      thread.fail(new BackendError(`${folder} was not open after ${OPEN_TIMEOUT_MS} ms`));
    }, OPEN_TIMEOUT_MS);
    try {
      const { state } = await thread.opened();
      return { thread, state };
    } finally {
      clearTimeout(timeout);
    }
  });
}
