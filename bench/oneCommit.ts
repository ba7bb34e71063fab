import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { lastValueFrom, from } from "rxjs";
import type { Backend, Frame } from "../src/backends/Backend.ts";
import { encodeFrame } from "../src/format/encodeFrame.ts";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import type { Benchmark, Context } from "./Benchmark.ts";
import { BATCH_ENTRIES, capturedBatch } from "./drafts.ts";
import { figure, interleaved, percentileOf, ratio } from "./harness.ts";
import { lmdbBackend } from "./pipelines.ts";
import { rawFileBackend } from "./rawFileBackend.ts";
import { WARM_UP_COMMITS } from "./warmUp.ts";

const COMMITS = 300;
const ZEROED_BYTES = 112 * 2 ** 20;

/** The price of one commit. */
export const oneCommit: Benchmark = {
  name: "oneCommit",
  question: "What does one commit of 100 entries take, with nothing else under way?",
  async run({ rounds, folder }: Context) {
    const results = await interleaved(rounds, {
      ours: async () => {
        const { backend, release } = await lmdbBackend(folder());
        return medianUsOf(backend, release);
      },
      growing: async () => medianUsOf(await rawFileBackend(join(folder(), "raw"))),
      zeroed: async () =>
        medianUsOf(await rawFileBackend(join(folder(), "raw"), { zeroedBytes: ZEROED_BYTES })),
      twoSyncs: async () =>
        medianUsOf(
          await rawFileBackend(join(folder(), "raw"), {
            zeroedBytes: ZEROED_BYTES,
            hasMetaPage: true,
          }),
        ),
      bare: () => bareMedianUs(join(folder(), "raw")),
    });
    const { ours, growing, zeroed, twoSyncs, bare } = results;
    return {
      // Speed is the inverse of time: theirs over ours.
      ratios: [
        ratio("our speed / growing file, in a thread", { of: growing, over: ours }, ">= 1"),
        ratio("our speed / zeroed file, in a thread", { of: zeroed, over: ours }, ">= 0.5"),
        ratio("our speed / zeroed file, in a thread, and a meta page behind", {
          of: twoSyncs,
          over: ours,
        }),
        ratio("our speed / growing file, no thread", { of: bare, over: ours }),
      ],
      figures: [
        figure("ours", "us/commit", ours),
        figure("growing file, thread, fdatasync", "us/commit", growing),
        figure("zeroed file, thread, fdatasync", "us/commit", zeroed),
        figure("zeroed file, thread, meta page, fdatasync twice", "us/commit", twoSyncs),
        figure("growing file, no thread, fdatasync", "us/commit", bare),
      ],
    };
  },
};

/** The frames are encoded beforehand; sealing them is part of every commit. */
function framesOf(count: number): readonly Frame[] {
  const batch = capturedBatch(BATCH_ENTRIES);
  return Array.from({ length: count }, (_, index) =>
    encodeFrame(batch, { fromSeq: index * BATCH_ENTRIES + 1, epoch: 1 }),
  );
}

async function medianUsOf(
  backend: Backend,
  release: () => Promise<void> = async () => {},
): Promise<number> {
  const took = new Float64Array(COMMITS);
  for (const [index, frame] of framesOf(WARM_UP_COMMITS + COMMITS).entries()) {
    const startedAt = performance.now();
    await lastValueFrom(from(backend.append([frame])));
    if (index >= WARM_UP_COMMITS) took[index - WARM_UP_COMMITS] = performance.now() - startedAt;
  }
  await lastValueFrom(from(backend.close()), { defaultValue: undefined });
  await release();
  return percentileOf(took.toSorted(), 0.5) * 1e3;
}

function bareMedianUs(path: string): number {
  const file = openSync(path, "wx");
  const took = new Float64Array(COMMITS);
  let head = GENESIS;
  for (const [index, { bytes }] of framesOf(WARM_UP_COMMITS + COMMITS).entries()) {
    const startedAt = performance.now();
    head = sealFrame(bytes, head);
    writeSync(file, bytes);
    fdatasyncSync(file);
    if (index >= WARM_UP_COMMITS) took[index - WARM_UP_COMMITS] = performance.now() - startedAt;
  }
  closeSync(file);
  return percentileOf(took.toSorted(), 0.5) * 1e3;
}
