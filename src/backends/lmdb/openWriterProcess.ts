import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BackendError } from "../../model/errors.ts";
import { DATA_FILE_NAME } from "./DataFile.ts";
import type { LogState, OpenLog } from "./LogWriter.ts";
import type { OnFailure } from "./LmdbBackend.ts";
import { MemoryFile } from "./MemoryFile.ts";
import { startWriterProcess } from "./startWriterProcess.ts";
import { WriterProcess } from "./WriterProcess.ts";

/** A writer process whose environment is open. */
export interface OpenedProcess {
  readonly process: WriterProcess;
  readonly state: LogState;
  /** The transaction that has opened the log; it is durable. */
  readonly txnid: number;
}

/**
 * How long a process may take to start and to open its environment. LMDB waits without end for a
 * writer of another process that was stopped inside a transaction.
 */
const OPEN_WITHIN_MS = 10_000;
/** What is read or forced to disk at the least: a disk that is slower than this counts as one that hangs. */
const FOUND_BYTES_PER_MS = 10_000;

/**
 * Starts the writer process of a run and waits until its first transaction is durable. Rejects what
 * the process says, or {@link BackendError} where it dies or takes longer than 10 s; a file that is
 * found is checked, which may take longer the larger it is.
 *
 * @param onHang - called where it fails and the process cannot be got rid of: it may still write.
 */
export async function openWriterProcess(log: OpenLog, onHang: OnFailure): Promise<OpenedProcess> {
  const { folder } = log;
  const process = startProcess();
  try {
    const isFound = log.mode === "recover";
    // What is found is checked before LMDB sees it, and forced to disk before anything is written.
    const withinMs = isFound ? await limitOf(folder) : OPEN_WITHIN_MS;
    if (isFound) await process.request({ type: "check", folder }, { withinMs });
    const { state, txnid } = await process.request({ type: "open", ...log }, { withinMs });
    return { process, state, txnid };
  } catch (error) {
    process.fail(new BackendError("The log was never opened"));
    if (!(await process.gone())) onHang(() => process.gone());
    throw error;
  }
}

function startProcess(): WriterProcess {
  const memory = MemoryFile.open();
  try {
    return new WriterProcess(startWriterProcess(memory), memory);
  } catch (error) {
    memory?.close();
    throw error;
  }
}

async function limitOf(folder: string): Promise<number> {
  // A file that is not there is the check's to tell.
  const stats = await stat(join(folder, DATA_FILE_NAME)).catch(() => undefined);
  return OPEN_WITHIN_MS + Math.ceil((stats?.size ?? 0) / FOUND_BYTES_PER_MS);
}
