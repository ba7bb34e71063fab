import { EventEmitter } from "node:events";
import { PassThrough, type Writable } from "node:stream";
import { contextOf } from "../../../src/cli/CommandContext.ts";
import { runCommand } from "../../../src/cli/program.ts";

/** Longer than anything here takes on a machine that is busy. */
const GIVE_UP_AFTER_MS = 20_000;

/** A command that runs in this process, with its streams and signals in the hands of the test. */
export interface Hosted {
  readonly stdin: PassThrough;
  readonly signals: EventEmitter;
  /** What standard error has got by now. */
  readonly stderr: () => string;
  readonly ended: Promise<number>;
}

/** Starts a command whose standard output is that stream. */
export function hosted(
  args: readonly string[],
  stdout: Writable,
  signals: EventEmitter = new EventEmitter(),
): Hosted {
  const stdin = new PassThrough();
  const stderr = new PassThrough();
  let told = "";
  stderr.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  const context = contextOf({
    stdin,
    stdout,
    stderr,
    env: {},
    on: (signal, listener) => signals.on(signal, listener),
    off: (signal, listener) => signals.off(signal, listener),
  });
  return { stdin, signals, stderr: () => told, ended: runCommand(args, context) };
}

/** Waits, turn by turn of the event loop, until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const startMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startMs > GIVE_UP_AFTER_MS) throw new Error("It never is so");
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
