import { filter, firstValueFrom } from "rxjs";
import type { EntryDraft } from "../src/model/entry.ts";
import { draftOf } from "./drafts.ts";
import type { Pipeline } from "./pipelines.ts";

/**
 * Hands a batch in and waits until the watermark covers it.
 *
 * @param nextDraft - The draft of a turn; turns count from 0 in each batch.
 * @returns the milliseconds that it took.
 */
export async function commitBatch(
  pipeline: Omit<Pipeline, "close">,
  entries: number,
  nextDraft: (turn: number) => EntryDraft = draftOf,
): Promise<number> {
  const startedAt = performance.now();
  for (let turn = 0; turn < entries; turn++) {
    if (!pipeline.offer(nextDraft(turn))) throw new Error("The pipeline has refused a draft");
  }
  const last = pipeline.accepted;
  await firstValueFrom(pipeline.watermark$.pipe(filter((watermark) => watermark >= last)));
  return performance.now() - startedAt;
}
