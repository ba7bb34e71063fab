import type { Facts } from "../Facts.ts";
import type { Must, Seen } from "../History.ts";
import type { Promises } from "./Promises.ts";

/** Every queue, line and batch has its bound; pressure is told; nobody is refused in vain. */
export const BOUNDS: Promises = {
  "handed in": ({ isOpen, accepted }, { taken, options }, must) => {
    must(!isOpen || taken.length - accepted <= options.maxWaiting, "the line has its bound");
  },

  offered: (now, facts, must) => {
    const isRefused = !now.isTaken && facts.taken.at(-1) === now.id;
    must(!isRefused || mayRefuse(now, facts), "an offer is refused for want of room alone");
  },

  asked: ({ batches, accepted }, { given, options }, must) => {
    must(Math.max(0, ...batches) <= options.maxBatchEntries, "a batch has its bound");
    const queued = accepted - given - batches.reduce((sum, entries) => sum + entries, 0);
    must(queued <= options.queueCapacity, "the queue has its bound");
  },

  landed: ({ ids }, { bytes, options }, must) => {
    const batchBytes = ids.reduce((sum, id) => sum + (bytes.get(id) ?? 0), 0);
    const isInBounds = ids.length === 1 || batchBytes <= options.maxBatchBytes;
    must(isInBounds, "a batch has its bound in bytes");
  },

  // As far as it can be told from outside what has closed a batch.
  commit: ({ commit, at }, { takenAt, options }, must) => {
    must(commit.commitMs <= options.commitTimeoutMs, "a commit takes no longer than it may");
    const fullAt = Math.min(options.maxBatchEntries, options.queueCapacity);
    let first = commit.fromSeq;
    for (const { entries, closedBy } of commit.batches) {
      must(closedBy !== "count" || entries <= fullAt, "what count has closed is full");
      must(closedBy !== "idle" || options.flushWhenIdle, "only who flushes when idle does");
      const ageMs = at - (takenAt[first - 1] ?? at);
      must(closedBy !== "time" || ageMs >= options.maxBatchWaitMs, "what time has closed is old");
      first += entries;
    }
  },

  pressure: ({ pressure }, facts, must) => {
    const { level, queued, waiting, oldestWaitMs } = pressure;
    const { queueCapacity, maxWaiting } = facts.options;
    must(level !== facts.level, "pressure is told when its level changes");
    must(queued <= queueCapacity && waiting <= maxWaiting + 1, "pressure is within the bounds");
    must((level === "stalling") === waiting > 0, "stalling is when somebody is in line");
    must(level !== "clear" || queued < queueCapacity / 2, "from half of the queue on it rises");
    const isRisen = queued >= queueCapacity * 0.4 || isBoundByBytes(facts);
    must(level !== "rising" || isRisen, "below 40 % of the queue it does not rise");
    must((oldestWaitMs === 0 || waiting > 0) && oldestWaitMs >= 0, "who waits is in line");
  },
};

/** What holds whenever an instant is over. */
export function judgeInstant(facts: Facts, must: Must): void {
  const { queueCapacity } = facts.options;
  const queued = facts.accepted - facts.given;
  must(facts.level !== "clear" || queued < queueCapacity / 2, "a queue that fills is told");
  const isEmpty = queued === 0 && facts.anchors.size === 0;
  must(facts.level !== "rising" || !isEmpty, "a queue that empties is told");
}

function mayRefuse({ accepted }: Seen, facts: Facts): boolean {
  // Without the refused one itself.
  const isInLine = facts.taken.length - 1 > accepted || facts.anchors.size > 0;
  const isFull = accepted - facts.given >= facts.options.queueCapacity;
  return isInLine || isFull || isBoundByBytes(facts);
}

/** Whether the queue may be full by bytes while it has room for entries. */
function isBoundByBytes({ options }: Facts): boolean {
  return options.queueBytes < options.queueCapacity * options.maxPayloadBytes * 2;
}
