import type { Readable } from "node:stream";
import { Output, type OutputStream } from "./Output.ts";

/** Where the signals of the process arrive. */
interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** What the command has of the process that it runs in. */
export interface CommandContext {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signals: SignalSource;
}

/** The same, as a process has it. */
export interface ProcessLike extends SignalSource {
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the command has of a process. */
export function contextOf(host: ProcessLike): CommandContext {
  return {
    // Only the verb that reads it may open it.
    get stdin() {
      return host.stdin;
    },
    stdout: new Output(host.stdout),
    stderr: new Output(host.stderr),
    env: host.env,
    signals: host,
  };
}
