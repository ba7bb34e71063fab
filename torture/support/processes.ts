import { readdirSync, readFileSync } from "node:fs";

/** The processes that a process has started and that still live (Linux). */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
}

/** The writer process of a process that has a run open, or undefined where there is none. */
export function writerOf(pid: number): number | undefined {
  return childrenOf(pid).find((child) => commandOf(child).includes("writerProgram"));
}

function parentOf(pid: number): number | undefined {
  try {
    // "pid (name) state parent …", and the name may hold anything.
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(/\) (.*)/s);
    return Number(rest.split(" ")[1]);
  } catch {
    // It has ended while we looked.
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
