import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { SOURCE_FLAGS } from "../../support/nodeFlags.ts";

/** Starts a program of test/backends/lmdb/programs/ from source. */
export function startProgram(name: string, ...args: readonly string[]): ChildProcess {
  const program = path.resolve("test/backends/lmdb/programs", `${name}.ts`);
  return spawn(process.execPath, [...SOURCE_FLAGS, program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
}

/** Resolves when a child has printed something. */
export function printed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.once("data", () => resolve());
  });
}

/** Resolves with the exit code of a child, or the signal that ended it. */
export function ended(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
}
