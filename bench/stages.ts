import { of } from "rxjs";
import type { Backend, Frame } from "../src/backends/Backend.ts";
import { encodeRequest } from "../src/backends/lmdb/requests.ts";
import { encodeFrame } from "../src/format/encodeFrame.ts";
import { frameDigestOf } from "../src/format/frameDigest.ts";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import { openWriter } from "../src/streams/openWriter.ts";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { commitBatch } from "./commitBatch.ts";
import { capturedBatch, draftOf } from "./drafts.ts";
import { figure, nsPerCall, percentileOf } from "./harness.ts";
import { lmdbBackend } from "./pipelines.ts";
import { WARM_UP_COMMITS } from "./warmUp.ts";

const SIZES = [1, 10, 100] as const;
const COMMITS = 1_000;
const ENTRIES = 200_000;
const NS_PER_US = 1_000;

/** What one commit took, in us: as the caller saw it, and within the writer process. */
interface CommitTimes {
  readonly whole: number;
  readonly inWriter: number;
}

/** Where the time of a commit and of an entry goes. */
export const stages: Benchmark = {
  name: "stages",
  question: "Where does the time of a commit of 1, 10 and 100 entries go, and that of an entry?",
  async run({ rounds, folder }: Context) {
    const figures: Figure[] = [];
    for (const size of SIZES) {
      const times: CommitTimes[] = [];
      for (let round = 0; round < rounds; round++) times.push(await commitTimes(folder(), size));
      const suffix = `, commit of ${size}`;
      const frameUs = (step: () => unknown): number => nsPerCall(2_000, step) / NS_PER_US;
      const batch = capturedBatch(size);
      const frame = encodeFrame(batch, { fromSeq: 1, epoch: 1 }).bytes;
      const repeated = (step: () => unknown): number[] =>
        Array.from({ length: rounds }, () => frameUs(step));
      figures.push(
        figure(
          `offer to watermark${suffix}`,
          "us",
          times.map(({ whole }) => whole),
        ),
        figure(
          `  of that in the writer process${suffix}`,
          "us",
          times.map(({ inWriter }) => inWriter),
        ),
        figure(
          `  the way there and back${suffix}`,
          "us",
          times.map(({ whole, inWriter }) => whole - inWriter),
        ),
        figure(
          `encodeFrame${suffix}`,
          "us",
          repeated(() => encodeFrame(batch, { fromSeq: 1, epoch: 1 })),
        ),
        figure(
          `sealFrame${suffix}`,
          "us",
          repeated(() => sealFrame(frame, GENESIS)),
        ),
        figure(
          `  of that the digest${suffix}`,
          "us",
          repeated(() => frameDigestOf(frame)),
        ),
        figure(
          `encodeRequest${suffix}`,
          "us",
          repeated(() => encodeRequest({ type: "append", frames: [frame] })),
        ),
      );
    }
    const offers = Array.from({ length: rounds }, () => nsPerOffer());
    figures.push(
      figure("offer, batch and encode over a sink that costs nothing", "ns/entry", offers),
    );
    return { ratios: [], figures };
  },
};

/** Medians of commits one after the other. */
async function commitTimes(folder: string, size: number): Promise<CommitTimes> {
  const { backend, release } = await lmdbBackend(folder);
  const writer = openWriter(backend);
  const inWriter: number[] = [];
  const reading = writer.commits$.subscribe({ next: ({ commitMs }) => inWriter.push(commitMs) });
  const whole: number[] = [];
  for (let commit = 0; commit < WARM_UP_COMMITS + COMMITS; commit++) {
    whole.push(await commitBatch(writer, size));
  }
  reading.unsubscribe();
  await writer.abandon();
  await release();
  return { whole: medianUs(whole), inWriter: medianUs(inWriter) };
}

function medianUs(took: readonly number[]): number {
  return percentileOf(Float64Array.from(took.slice(WARM_UP_COMMITS)).toSorted(), 0.5) * 1e3;
}

function nsPerOffer(): number {
  const writer = openWriter(new Nowhere() as Partial<Backend> as Backend);
  return nsPerCall(ENTRIES, (turn) => writer.offer(draftOf(turn)));
}

/** Takes everything at once and keeps nothing. */
class Nowhere {
  readonly watermark = 0;
  readonly epoch = 1;
  readonly returnsFrames = true;

  append(frames: readonly Frame[]): ReturnType<Backend["append"]> {
    return of({ toSeq: frames.at(-1)?.toSeq ?? 0, commitMs: 0 });
  }
}
