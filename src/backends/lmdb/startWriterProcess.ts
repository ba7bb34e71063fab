import { spawn, type ChildProcess } from "node:child_process";
import { parse } from "node:path";
import { BackendError } from "../../model/errors.ts";
import type { MemoryFile } from "./MemoryFile.ts";
import { WRITER_COMMAND } from "./writerCommand.ts";

const MIB = 2 ** 20;
/**
 * What glibc keeps for the pages of the next transaction. By default it gives their memory back to
 * the system after each commit, and the next one waits while the kernel clears all of it again.
 */
const KEPT_MEMORY_BYTES = 64 * MIB;
/**
 * More than most transactions have in one piece; what is larger goes back at once. Older versions of
 * glibc take no more than 32 MiB here, and then heed neither.
 */
const KEPT_PIECE_BYTES = 8 * MIB;

/**
 * Starts the process that writes a run: requests go in through its stdin, replies come out of
 * `REPLY_PIPE`, and stderr has what a crash leaves there.
 *
 * It has a session of its own, so that Ctrl-C in a terminal reaches us alone and it outlives us for
 * as long as it takes to finish. A process that cannot be started says so in an `error` event.
 *
 * @throws {@link BackendError} where the system cannot even try.
 */
export function startWriterProcess(memory?: MemoryFile): ChildProcess {
  try {
    return spawn(process.execPath, WRITER_COMMAND, {
      stdio: ["pipe", "ignore", "pipe", "pipe", memory?.descriptor ?? "ignore"],
      detached: true,
      windowsHide: true,
      // Ours may be removed while we run, and then nothing starts there.
      cwd: parse(process.execPath).root,
      env: environment(),
    });
  } catch (cause) {
    const { errno, message } = cause as NodeJS.ErrnoException;
    const number = errno === undefined ? undefined : Math.abs(errno);
    throw new BackendError(`The writer process cannot be started: ${message}`, number, { cause });
  }
}

/** Ours, without the flags that Node would take from it; what it says of memory itself, it keeps. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  return {
    MALLOC_TRIM_THRESHOLD_: String(KEPT_MEMORY_BYTES),
    MALLOC_MMAP_THRESHOLD_: String(KEPT_PIECE_BYTES),
    ...rest,
  };
}
