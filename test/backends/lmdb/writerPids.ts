import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const DEADLINE_MS = 10_000;

/** The writer processes that a process has started and that are there, oldest first; on Linux. */
export function writerPids(parent: number = process.pid): readonly number[] {
  return readdirSync(`/proc/${parent}/task`)
    .flatMap((task) => readFileSync(`/proc/${parent}/task/${task}/children`, "utf8").split(" "))
    .filter((pid) => pid !== "")
    .map(Number)
    .filter((pid) => isAlive(pid) && commandOf(pid).includes("writerProgram"))
    .toSorted((a, b) => a - b);
}

/** Whether a process is there; one of another parent that has ended counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when a process is gone; rejects where it is there after 10 s. */
export async function isGone(pid: number): Promise<void> {
  await eventually(() => !isAlive(pid), `process ${pid} is still there`);
}

/** Resolves when something holds; looks again and again, and rejects after 10 s. */
export async function eventually(holds: () => boolean, otherwise: string): Promise<void> {
  const giveUpAt = Date.now() + DEADLINE_MS;
  while (!holds()) {
    if (Date.now() > giveUpAt) throw new Error(otherwise);
    await delay(5);
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
