import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { compiledProgram } from "./build.ts";

/** How a child has ended: its exit code or the signal it died of, and what it said of it. */
export interface Ending {
  readonly exit: number | NodeJS.Signals;
  readonly stderr: string;
}

export interface ChildOptions {
  /** What runs the child: `["strace", …]`; default: nothing, it runs by itself. */
  readonly under?: readonly string[];
  /** Flags of Node. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const MAX_STDERR_CHARS = 4_000;

/** Who goes on when this process ends would write on in folders that are removed then. */
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/**
 * A program of torture/programs as a process of its own, on the compiled package (dist/), as users
 * run it. Its lines are told as they come.
 */
export class ChildProgram {
  readonly process: ChildProcess;
  readonly lines: AsyncIterableIterator<string>;
  readonly ended: Promise<Ending>;

  constructor(program: string, args: readonly string[], options: ChildOptions = {}) {
    const { under = [], flags = [] } = options;
    const command = [...under, process.execPath, ...flags, compiledProgram(program), ...args];
    const [file = process.execPath, ...rest] = command;
    const child = spawn(file, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
    });
    this.process = child;
    alive.add(child);
    child.stdin.on("error", () => {});
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-MAX_STDERR_CHARS);
    });
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => {
        alive.delete(child);
        resolve({ exit: (exitCode ?? signal) as Ending["exit"], stderr });
      });
    });
  }

  /** The next line, or undefined where there is none any more. */
  async line(): Promise<string | undefined> {
    const next = await this.lines.next();
    return next.done === true ? undefined : next.value;
  }

  say(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.process.kill(signal);
  }
}
