import { readFileSync } from "node:fs";

/** What the kernel counts of a process: the peak of all its memory, or what no file stands behind. */
export type MemoryField = "VmHWM" | "RssAnon";

/**
 * MiB of a process; NaN where there is none, or the system does not tell. The peak that `resourceUsage` gives is of no
 * use in a child: it includes what its parent had when it was started.
 */
export function memoryMiB(field: MemoryField, pid: number | undefined): number {
  if (pid === undefined) return Number.NaN;
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return Number.NaN;
  }
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
  return Number(kib) / 2 ** 10;
}
