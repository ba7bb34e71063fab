import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { OPEN_OPTIONS } from "../../../src/backends/lmdb/environment.ts";

/**
 * What lmdb-js does, measured: everything that tidemark does because of it, or relies on, has a test
 * here, so that another version of it is not taken on faith. It runs in processes of its own, since
 * some of it ends them.
 */
export interface Ran {
  /** What the program said, line by line. */
  readonly said: readonly string[];
  readonly exit: number | NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Running {
  /** What node is started under: `["strace", …]`. */
  readonly under?: readonly string[];
}

/** What every program begins with. `ours`: the environment as tidemark opens it. */
const PRELUDE = `
  import { spawnSync } from "node:child_process";
  import * as fs from "node:fs";
  import { join } from "node:path";
  import * as lmdb from "lmdb";
  const [, folder, PRELUDE] = process.argv;
  const file = join(folder, "data.mdb");
  const say = (line) => fs.writeSync(1, String(line) + "\\n");
  const OPTIONS = ${JSON.stringify(OPEN_OPTIONS)};
  const ours = (options) => lmdb.open({ path: folder, ...OPTIONS, ...options });
  const key = (...bytes) => Uint8Array.from(bytes);
  const value = (text) => Buffer.from(String(text));
  const attempt = (step) => {
    try { return step(); } catch (error) { say("threw " + error.code); }
  };
  const store = (db, row, bytes = value("a")) => {
    db.transactionSync(() => { db.putSync(row, bytes); });
  };
  // LMDB is not closed: what it does then is none of what is looked at.
  const die = () => process.kill(process.pid, "SIGKILL");
  // What another process does with the same environment before it dies.
  const elsewhere = (steps) => {
    const args = ["--input-type=module", "--eval", PRELUDE + steps + "; die();", folder, PRELUDE];
    const { stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (signal !== "SIGKILL") throw new Error(stderr);
    return stdout.trimEnd();
  };
`;

/** Runs a program on lmdb in a folder. */
export function runIn(folder: string, program: string, { under = [] }: Running = {}): Ran {
  const node = [
    process.execPath,
    "--input-type=module",
    "--eval",
    PRELUDE + program,
    folder,
    PRELUDE,
  ];
  const [command = "", ...args] = [...under, ...node];
  const child = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
  const said = child.stdout.split("\n").filter((line) => line !== "");
  return { said, exit: child.signal ?? child.status, stderr: child.stderr };
}

/** Runs a step with the folder of an environment, which is removed afterwards. */
export function inFolder<Result>(step: (folder: string) => Result): Result {
  const folder = mkdtempSync(path.join(tmpdir(), "tidemark-lmdb-"));
  try {
    return step(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same for a program alone that runs to its end. */
export function saidBy(program: string): readonly string[] {
  const { said, exit, stderr } = inFolder((folder) => runIn(folder, program));
  if (exit !== 0) throw new Error(`ended by ${exit}: ${stderr}`);
  return said;
}

/** Whether a signal of the kind that a crash gives ended a program. */
export function hasCrashed({ exit }: Ran): boolean {
  return typeof exit === "string" && ["SIGSEGV", "SIGBUS", "SIGABRT"].includes(exit);
}

/** Whether there is a strace here; says what is left out without it. */
export function hasStrace(what: string): boolean {
  const found = spawnSync("strace", ["--version"]).status === 0;
  if (!found) console.log(`Skipped: ${what} (there is no strace here)`);
  return found;
}

/** What lets one call on data.mdb fail: `inject=…` as strace takes it. */
export function failing(folder: string, syscall: string, how: string): Running {
  const strace = ["strace", "-f", "-qq", "-o", path.join(folder, "trace")];
  const what = ["-e", `trace=${syscall}`, "-e", `inject=${syscall}:${how}`];
  // Whoever ends strace does not end what it traces.
  const limit = ["timeout", "-s", "KILL", "10"];
  // Calls are counted thread by thread: one thread writes, and the count is always the same.
  const oneThread = ["env", "UV_THREADPOOL_SIZE=1"];
  return {
    under: [...strace, "-P", path.join(folder, "data.mdb"), ...what, ...limit, ...oneThread],
  };
}
