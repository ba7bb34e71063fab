import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { IS_BUILT, SOURCE_FLAGS } from "../../support/nodeFlags.ts";

/** Where what is compiled is up to date, so is the command: it starts in a fifth of the time. */
const COMMAND = IS_BUILT
  ? [pathOf("../../../dist/cli.js")]
  : [...SOURCE_FLAGS, pathOf("../../../src/cli/main.ts")];

/** The command as a process of its own, with real pipes. */
export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** The lines of its standard output, as they come. */
  readonly lines: AsyncIterator<string>;
  /** How it ended, once it has: its exit code or the signal it died of. */
  readonly ended: Promise<{ readonly exit: number | NodeJS.Signals; readonly stderr: string }>;
}

/** What starts the command: a program and its arguments. */
export function commandOf(...args: string[]): [string, ...string[]] {
  return [process.execPath, ...COMMAND, ...args];
}

/** Starts the command. */
export function start(...args: string[]): Child {
  const [program, ...rest] = commandOf(...args);
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"] });
  // A command that has ended before it read all of its input is what some tests are about.
  child.stdin.on("error", () => {});
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, "close").then(([exitCode, signal]) => ({
    exit: (exitCode ?? signal) as number | NodeJS.Signals,
    stderr,
  }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { process: child, lines, ended };
}

/** Everything that is still to come on standard output. */
export async function restOf(lines: AsyncIterator<string>): Promise<string[]> {
  const rest: string[] = [];
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    rest.push(next.value);
  }
  return rest;
}

function pathOf(url: string): string {
  return fileURLToPath(new URL(url, import.meta.url));
}
