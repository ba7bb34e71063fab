import { spawn, type ChildProcess } from "node:child_process";
import { parse } from "node:path";
import { fileURLToPath } from "node:url";
import { BackendError } from "../../model/errors.ts";

/** Our own tests and benchmarks run the source; whoever installed tidemark runs what it compiles to. */
const IS_SOURCE = import.meta.url.endsWith(".ts");

/**
 * Starts the process that writes a run: requests go in through its stdin, replies come out of
 * `REPLY_PIPE`, and stderr has what a crash leaves there.
 *
 * It has a session of its own, so that Ctrl-C in a terminal reaches us alone and it outlives us for
 * as long as it takes to finish. A process that cannot be started says so in an `error` event.
 *
 * @throws {@link BackendError} where the system cannot even try.
 */
export function startWriterProcess(): ChildProcess {
  const entry = fileURLToPath(
    new URL(IS_SOURCE ? "./writerProgram.ts" : "./writerProgram.js", import.meta.url),
  );
  try {
    return spawn(process.execPath, [...flags(), entry], {
      stdio: ["pipe", "ignore", "pipe", "pipe"],
      detached: true,
      windowsHide: true,
      // Ours may be removed while we run, and then nothing starts there.
      cwd: parse(entry).root,
      env: environment(),
    });
  } catch (cause) {
    const { errno, message } = cause as NodeJS.ErrnoException;
    const number = errno === undefined ? undefined : Math.abs(errno);
    throw new BackendError(`The writer process cannot be started: ${message}`, number, { cause });
  }
}

/** None of our own: a debugger's port is taken, and what is preloaded here is not meant for there. */
function flags(): readonly string[] {
  if (!IS_SOURCE) return [];
  return ["--conditions=tidemark-source", "--import", import.meta.resolve("tsx")];
}

/** Ours, without the flags that Node would take from it. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  return rest;
}
