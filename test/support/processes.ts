import { setTimeout as delay } from "node:timers/promises";

const DEADLINE_MS = 10_000;

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
