import type { Facts } from "../Facts.ts";
import type { Must, Seen } from "../History.ts";
import type { Promises } from "./Promises.ts";

/**
 * Durable before told, dense, in the order in which it was handed in, each batch as a whole; and
 * everyone is told the same.
 */
export const ORDER: Promises = {
  offered: ({ id, isTaken, accepted }, { taken }, must) => {
    must(!isTaken || accepted > taken.indexOf(id), "an offer is accepted at once");
  },

  asked: ({ step, fromSeq }, { given }, must) => {
    must(step !== "append" || fromSeq === given + 1, "batches follow each other");
  },

  landed: ({ ids, tsPublish }, { taken, log, lastPublish }, must) => {
    for (const [index, id] of ids.entries()) {
      must(id === taken[log.length + index], "the log is what was taken, in its order");
      const before = tsPublish[index - 1] ?? lastPublish;
      must((tsPublish[index] ?? 0n) >= before, "the time of publishing never runs backwards");
    }
  },

  pinned: ({ id, seq }, { anchors, acknowledged }, must) => {
    must(seq === anchors.get(id)?.seq, "an anchor stands behind what came before it");
    must(seq === acknowledged, "an anchor stands at what is durable");
  },

  watermark: ({ seq }, { told, log }, must) => {
    must(seq > told, "the watermark rises strictly");
    must(seq <= log.length, "the watermark is durable");
  },

  looked: ({ seq }, { told }, must) => {
    must(seq === told, "who comes late has the current watermark");
  },

  commit: ({ commit, accepted }, { committed, told, frames }, must) => {
    const { fromSeq, toSeq, batches, bytes, queuedEntries } = commit;
    must(fromSeq === committed + 1, "no commit is left out");
    must(toSeq === told, "a commit is told with its watermark");
    const entries = batches.reduce((sum, batch) => sum + batch.entries, 0);
    must(entries === toSeq - fromSeq + 1, "a commit is the sum of its batches");
    const isWhole = batches.every((batch, index) => batch.entries === frames[index]);
    must(isWhole, "a batch is durable as a whole");
    must(queuedEntries >= 0 && queuedEntries <= accepted - toSeq, "a commit counts the queue");
    must(bytes > 0, "a commit has bytes");
  },
};

/** The plain properties agree with all that was told, at every moment. */
export function judgeProperties(now: Seen, { accepted, taken, told }: Facts, must: Must): void {
  must(
    now.accepted >= accepted && now.accepted <= taken.length,
    "accepted rises with what is taken",
  );
  must(now.watermark === told || now.kind === "watermark", "the property is what was told last");
}
