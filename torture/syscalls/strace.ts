import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SHORT, type FailingPoint, type Role } from "./points.ts";
import { SAME_LOTS } from "./sameLots.ts";

/** Why there is no strace here that can do what is asked of it. */
export function missingStrace(): string | undefined {
  if (process.platform !== "linux") return "strace is of Linux alone";
  const tried = spawnSync("strace", ["-D", "-f", "-e", "inject=getpid:error=EIO:when=9", "true"]);
  return tried.status === 0 ? undefined : "there is no strace that may trace here";
}

/**
 * What strace does to one process of a life. It is not its parent (`-D`): whoever starts the process
 * sees its exit and can kill it. The children of the program are not followed beyond their exec; the
 * writer has none, and there what strace does not look for need not be stopped at all.
 */
export interface Tracing {
  readonly role: Role;
  /** The file that the trace is written to. */
  readonly trace: string;
  /** What fails, and what its file is relative to; without it all calls are traced. */
  readonly failure?: { readonly root: string; readonly point: FailingPoint };
}

/** The command that node is started under. */
export function straceCommand({ role, trace, failure }: Tracing): string[] {
  // Appended to: the writer that recovers a run is one process, that of the new run another.
  const common = ["strace", "-D", "-f", "-qq", "-y", "-ttt", "-s", "0", "-A", "-o", trace];
  const followed = role === "main" ? ["-b", "execve"] : ["--seccomp-bpf"];
  return [...common, ...followed, ...(failure === undefined ? ALL_CALLS : injectionOf(failure))];
}

const ALL_CALLS = ["-e", "trace=%file,%desc"];
/** What else is seen of the file whose call fails: what a commit has written, and when it was synced. */
const WRITES_AND_SYNCS = "write,pwrite64,pwritev,writev,fdatasync,fsync,ftruncate";

function injectionOf({ root, point }: NonNullable<Tracing["failure"]>): string[] {
  const { syscall, nth, error } = point;
  const how = error === SHORT ? "retval=0" : `error=${error}`;
  const inject = `inject=${syscall}:${how}:when=${nth}`;
  const seen = `trace=${syscall},${WRITES_AND_SYNCS}`;
  return ["-P", join(root, point.file), "-e", seen, "-e", inject];
}

/** A program that stands for node and runs it under strace; returns its path. */
export function tracedNode(folder: string, command: readonly string[]): string {
  const path = join(folder, "traced-node");
  const words = [...command, process.execPath, ...SAME_LOTS].map((word) => `'${word}'`);
  writeFileSync(path, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  return path;
}
