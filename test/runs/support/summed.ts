import { contentHashOf } from "../../../src/format/contentHash.ts";
import type { RunCatalog } from "../../../src/backends/RunCatalog.ts";
import type { Entry } from "../../../src/model/entry.ts";
import type { Run } from "../../../src/model/Run.ts";
import type { Snapshot } from "../../../src/model/Writer.ts";
import { readRun } from "../../../src/runs/readRun.ts";
import { replay, type ReplayOptions } from "../../../src/runs/replay.ts";

/** A snapshot that a test anchors. */
export const ANCHOR: Snapshot = {
  blobRef: "blob",
  contentHash: contentHashOf(Buffer.from("state")),
};

/** Appends numbers. */
export async function add(run: Run, ...numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    await run.append({ topic: "t", payloadType: "Add", payload: String(number) });
  }
}

/** Adds the number of an entry. */
export function sum(state: number, { payload }: Entry): number {
  return state + Number(Buffer.from(payload).toString());
}

/** The sum over what a catalog's newest run says; what a test does not give is the usual. */
export async function summed(
  catalog: RunCatalog,
  options: Partial<ReplayOptions<number>> = {},
): ReturnType<typeof replay<number>> {
  await using reader = await readRun({ catalog });
  // Not before it is replayed may the reader be closed.
  return await replay({ reader, initial: 0, reducers: { Add: sum }, ...options });
}
