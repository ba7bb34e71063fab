import type { Facts } from "../Facts.ts";
import type { Must, Seen } from "../History.ts";

/** Every wait has its bound, at every moment; and nothing waits in vain. */
export function judgeWaits(now: Seen, facts: Facts, must: Must): void {
  const { haltThresholdMs, commitTimeoutMs } = facts.options;
  const waited = (sinceMs: number | undefined): number => now.at - (sinceMs ?? now.at);
  if (!facts.isOver) {
    const inLineMs = waited(facts.takenAt[now.accepted]);
    must(inLineMs <= haltThresholdMs, "nobody waits in line beyond the threshold");
    const [anchor] = facts.anchors.values();
    const isInTime = waited(anchor?.at) <= 2 * haltThresholdMs;
    must(isInTime, "no anchor waits beyond the threshold, in line and then in the queue");
  }
  if (facts.isGivenUp) return;
  must(waited(facts.out?.at) <= commitTimeoutMs, "no step takes longer than the timeout");
  const isIdle = facts.out === undefined && facts.given < now.accepted;
  must(!isIdle || isSoon(now, facts), "nothing waits for a sink that is idle");
}

/** Whether what is accepted waits for company no longer than it may. */
function isSoon({ at, accepted }: Seen, facts: Facts): boolean {
  const { flushWhenIdle, maxBatchWaitMs, queueCapacity } = facts.options;
  const { takenAt, acceptedAt, given, answeredAt } = facts;
  const isFull = takenAt.length > accepted || accepted - given >= queueCapacity;
  const fullSince = Math.max(acceptedAt[accepted - 1] ?? at, takenAt[accepted] ?? 0);
  const readySince = isFull ? fullSince : (acceptedAt[given] ?? at);
  const idleMs = at - Math.max(readySince, answeredAt);
  return idleMs <= (flushWhenIdle || isFull ? 0 : maxBatchWaitMs);
}
