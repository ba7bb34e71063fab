import { readdirSync, readFileSync } from "node:fs";
import { writerPids } from "../../test/support/writerPids.ts";

/** What the kernel counts for a process and, where it has one, for its writer process. */
export function outsideOf(pid: number): Readonly<Record<string, number>> {
  const own = { openFiles: filesOf(pid), maps: mapsOf(pid), memoryKib: memoryOf(pid) };
  const writer = writerPids(pid)[0];
  // Between two runs there is none.
  return writer === undefined ? own : { ...own, ...writerOf(writer) };
}

function writerOf(pid: number): Readonly<Record<string, number>> {
  try {
    return { writerFiles: filesOf(pid), writerMaps: mapsOf(pid), writerMemoryKib: memoryOf(pid) };
  } catch (error) {
    // Its run ends while it is looked at.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return {};
    throw error;
  }
}

function filesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/**
 * All the memory that no file stands behind, in KiB: V8 knows of its own alone, and the pages of
 * data.mdb are lent by the kernel, as many as it has to spare.
 */
function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}

function mapsOf(pid: number): number {
  return readFileSync(`/proc/${pid}/maps`, "utf8").split("\n").length;
}
