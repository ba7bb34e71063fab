import { BackendError } from "../../model/errors.ts";
import type { LogState, OpenLog } from "./LogWriter.ts";
import { startWriterProcess } from "./startWriterProcess.ts";
import { WriterProcess } from "./WriterProcess.ts";

/** A writer process whose environment is open. */
export interface OpenedProcess {
  readonly process: WriterProcess;
  readonly state: LogState;
}

/**
 * How long a process may take to start and to open its environment. LMDB waits without end for a
 * writer of another process that was stopped inside a transaction.
 */
const OPEN_WITHIN_MS = 10_000;

/**
 * Starts the writer process of a run and waits until its first transaction is durable. Rejects what
 * the process says, or {@link BackendError} where it dies or takes longer than 10 s.
 *
 * @param onHang - called where it fails and the process cannot be got rid of: it may still write.
 */
export async function openWriterProcess(log: OpenLog, onHang: () => void): Promise<OpenedProcess> {
  const process = new WriterProcess(startWriterProcess());
  try {
    const { state } = await process.request({ type: "open", ...log }, { withinMs: OPEN_WITHIN_MS });
    return { process, state };
  } catch (error) {
    process.fail(new BackendError("The log was never opened"));
    if (!(await process.gone())) onHang();
    throw error;
  }
}
