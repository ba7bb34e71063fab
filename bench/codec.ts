import { do_not_optimize } from "mitata";
import { decodeFrame } from "../src/format/decodeFrame.ts";
import { encodeFrame } from "../src/format/encodeFrame.ts";
import { frameDigestOf } from "../src/format/frameDigest.ts";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import type { Benchmark, Context } from "./Benchmark.ts";
import { BATCH_ENTRIES, capturedBatch, PAYLOAD_BYTES } from "./drafts.ts";
import { figure, interleaved, nsPerCall, ratio } from "./harness.ts";

const FRAMES = 1_000;
const HEAD = { fromSeq: 1, epoch: 1 };

/** The price of the format. */
export const codec: Benchmark = {
  name: "codec",
  question: "What do encoding, sealing and decoding take per entry, 100 of 256 B per frame?",
  async run({ rounds }: Context) {
    const batch = capturedBatch(BATCH_ENTRIES);
    const sealed = encodeFrame(batch, HEAD).bytes;
    sealFrame(sealed, GENESIS);
    const variants = {
      encode: () => nsPerEntry(() => encodeFrame(batch, HEAD)),
      seal: () => nsPerEntry(() => sealFrame(sealed, GENESIS)),
      digest: () => nsPerEntry(() => frameDigestOf(sealed)),
      decode: () => nsPerEntry(() => [...decodeFrame(sealed).entries()]),
    };
    await interleaved(1, variants);
    const { encode, seal, digest, decode } = await interleaved(rounds, variants);
    const space = sealed.length / BATCH_ENTRIES;
    return {
      ratios: [
        {
          ...figure("bytes of an entry / payload + 80", "x", [space / (PAYLOAD_BYTES + 80)]),
          reach: "<= 1.15",
        },
        ratio("decode and check / seal", { of: decode, over: seal }),
      ],
      figures: [
        figure("encodeFrame", "ns/entry", encode),
        figure("sealFrame: hashes, chain", "ns/entry", seal),
        figure("of that the digest of the chain", "ns/entry", digest),
        figure("decodeFrame: checks, entries", "ns/entry", decode),
      ],
    };
  },
};

function nsPerEntry(step: () => unknown): number {
  return nsPerCall(FRAMES, () => do_not_optimize(step())) / BATCH_ENTRIES;
}
