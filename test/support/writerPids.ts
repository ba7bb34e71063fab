import { readdirSync, readFileSync } from "node:fs";

/**
 * The writer processes that a process has started and that are there, oldest first; on Linux. The
 * kernel's own list of children may lack some while others come and go.
 */
export function writerPids(parent: number = process.pid): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent && commandOf(pid).includes("writerProgram"))
    .toSorted((a, b) => a - b);
}

function parentOf(pid: number): number | undefined {
  // "pid (name) state parent …", and the name may hold anything.
  const [, rest = ""] = read(`/proc/${pid}/stat`).split(/\) (.*)/s);
  return Number(rest.split(" ")[1]);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

/** A process that has ended meanwhile has nothing to tell. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
