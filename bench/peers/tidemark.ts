import { openRun } from "../../src/index.ts";
import type { Adapter } from "./Adapter.ts";
import { recordCommitMoments } from "./commitMoments.ts";

/** The default of `maxBatchEntries`. */
const BATCH_ENTRIES = 100;

/** Ours: a run as its users open it, with the defaults, and batches as large as what comes at once. */
export const tidemark: Adapter = {
  async openPipeline(job) {
    const { directory, kind } = job;
    const moments = kind === "latency" ? recordCommitMoments() : undefined;
    // Where 1,000 entries are one unit of work, whoever hands them in would say so.
    const maxBatchEntries = kind === "commits" ? Math.max(BATCH_ENTRIES, job.batch) : BATCH_ENTRIES;
    const run = await openRun({ directory, instanceId: "bench", writer: { maxBatchEntries } });
    return {
      offer: (draft) => run.offer(draft),
      get accepted() {
        return run.accepted;
      },
      watermark$: run.watermark$,
      async close() {
        await run.close();
      },
      ...(moments === undefined ? {} : { commitMoments: moments }),
    };
  },
};
