import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const GRACE_MS = 3_000;
const LOOK_EVERY_MS = 20;

/** Whether processes with a mark in their environment are still there after 3 s; ends them. */
export async function leftovers(mark: string): Promise<boolean> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < GRACE_MS) {
    if (pidsOf(mark).length === 0) return false;
    await sleep(LOOK_EVERY_MS);
  }
  const pids = pidsOf(mark);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return pids.length > 0;
}

function pidsOf(mark: string): number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => environmentOf(pid).split("\0").includes(mark));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
