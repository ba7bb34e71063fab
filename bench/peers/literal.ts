import { join } from "node:path";
import { BATCH_ENTRIES } from "../drafts.ts";
import { literalPipeline } from "../pipelines.ts";
import type { Adapter } from "./Adapter.ts";

/** The pipeline as one would write it down; its batches are as large as what comes at once. */
export const literal: Adapter = {
  whyNot: (job) =>
    "batch" in job && job.batch < BATCH_ENTRIES
      ? "its window of 5 ms is all that one would see"
      : undefined,
  openPipeline(job) {
    // Ours is told so, too.
    const maxCount = job.kind === "commits" ? Math.max(BATCH_ENTRIES, job.batch) : BATCH_ENTRIES;
    return literalPipeline(join(job.directory, "lmdb"), maxCount);
  },
};
