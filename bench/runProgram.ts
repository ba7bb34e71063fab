import { type ChildProcess, spawn } from "node:child_process";

/** How long a program that was told to end may take until its whole group is killed. */
const GRACE_MS = 5_000;
/** What a program may say, on each of its outputs. */
const MAX_OUTPUT_CHARACTERS = 64 * 2 ** 20;

/** How a program is run. */
export interface ProgramOptions {
  readonly limitMs: number;
  readonly graceMs?: number;
  /** Whether what it says on stderr is passed on, or kept for its failure. */
  readonly stderr: "inherit" | "pipe";
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program ended with another code than 0, or not within its limit; a system error if not even begun. */
export class ProgramFailure extends Error {
  readonly stderr: string;

  constructor(why: string, stderr: string) {
    super(why);
    this.name = "ProgramFailure";
    this.stderr = stderr;
  }
}

/**
 * Runs a program and gives what it printed. It leads a process group of its own: where it exceeds its
 * limit, or we end, the group is told to end, and what is left of it after a grace is killed.
 *
 * @throws ProgramFailure
 */
export async function runProgram(
  [program = "", ...args]: readonly string[],
  { limitMs, graceMs = GRACE_MS, stderr, ...spawning }: ProgramOptions,
): Promise<string> {
  const child = spawn(program, args, {
    ...spawning,
    detached: true,
    stdio: ["ignore", "pipe", stderr],
  });
  const printed = textOf(child.stdout);
  const said = textOf(child.stderr);
  const endAtExit = (): void => signalGroup(child, "SIGTERM");
  process.once("exit", endAtExit);
  const limit = endAfter(child, limitMs, graceMs);
  try {
    const ending = await endingOf(child);
    if (limit.isExceeded()) {
      throw new ProgramFailure(`${program} took longer than ${limitMs / 1_000} s`, said());
    }
    if (ending !== 0) throw new ProgramFailure(`${program} ended with ${ending}`, said());
    return printed();
  } finally {
    limit.clear();
    process.off("exit", endAtExit);
  }
}

/** Resolves when everything was printed. */
function endingOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
}

function endAfter(
  child: ChildProcess,
  limitMs: number,
  graceMs: number,
): { readonly isExceeded: () => boolean; readonly clear: () => void } {
  let isExceeded = false;
  let timer = setTimeout(() => {
    isExceeded = true;
    signalGroup(child, "SIGTERM");
    timer = setTimeout(() => {
      signalGroup(child, "SIGKILL");
      // Whoever has left the group may hold these open for ever.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, graceMs);
  }, limitMs);
  return { isExceeded: () => isExceeded, clear: () => clearTimeout(timer) };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // Nobody of it is left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (more: string) => {
    if (text.length < MAX_OUTPUT_CHARACTERS) text += more;
  });
  return () => text;
}
