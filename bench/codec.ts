import { randomBytes } from "node:crypto";
import { hashInto } from "blake3-jit";
import { do_not_optimize } from "mitata";
import { HashLanes, LANES } from "../src/format/blake3/HashLanes.ts";
import { checkEntries } from "../src/format/checkEntries.ts";
import { decodeFrame } from "../src/format/decodeFrame.ts";
import { encodeFrame } from "../src/format/encodeFrame.ts";
import { frameDigestOf } from "../src/format/frameDigest.ts";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
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
    const hashing = await hashFigures(rounds);
    const space = sealed.length / BATCH_ENTRIES;
    return {
      ratios: [
        {
          ...figure("bytes of an entry / payload + 80", "x", [space / (PAYLOAD_BYTES + 80)]),
          reach: "<= 1.15",
        },
        ratio("decode and check / seal", { of: decode, over: seal }),
        ...hashing.ratios,
      ],
      figures: [
        figure("encodeFrame", "ns/entry", encode),
        figure("sealFrame: hashes, chain", "ns/entry", seal),
        figure("of that the digest of the chain", "ns/entry", digest),
        figure("decodeFrame: checks, entries", "ns/entry", decode),
        ...hashing.figures,
      ],
    };
  },
};

/** Besides the payloads of 256 B: what sealing and checking takes where they are others. */
const PAYLOADS = [64, PAYLOAD_BYTES, 600] as const;
/** Everything but the payload in the canonical bytes of an entry here. */
const OTHER_BYTES = 107;

/** Hashes alone, four at a time and one by one, and what is made of them. */
async function hashFigures(
  rounds: number,
): Promise<{ readonly ratios: readonly Figure[]; readonly figures: readonly Figure[] }> {
  const ratios: Figure[] = [];
  const figures: Figure[] = [];
  for (const payloadBytes of PAYLOADS) {
    const variants = hashVariants(payloadBytes);
    await interleaved(1, variants);
    const { single, lanes, seal, check } = await interleaved(rounds, variants);
    const of = `, ${payloadBytes} B`;
    ratios.push(ratio(`hashes one by one / in lanes${of}`, { of: single, over: lanes }));
    figures.push(
      figure(`hashes one by one${of}`, "ns/entry", single),
      figure(`hashes in lanes${of}`, "ns/entry", lanes),
      figure(`sealFrame${of}`, "ns/entry", seal),
      figure(`checkEntries${of}`, "ns/entry", check),
    );
  }
  return { ratios, figures };
}

function hashVariants(
  payloadBytes: number,
): Record<"single" | "lanes" | "seal" | "check", () => number> {
  const batch = Array.from(capturedBatch(BATCH_ENTRIES), (draft) => ({
    ...draft,
    payload: randomBytes(payloadBytes),
  }));
  const sealed = encodeFrame(batch, HEAD).bytes;
  sealFrame(sealed, GENESIS);
  const length = OTHER_BYTES + payloadBytes;
  const message = new Uint8Array(randomBytes(length));
  const hash = new Uint8Array(32);
  const lanes = HashLanes.create();
  for (const lane of lanes?.messages ?? []) lane.set(message);
  const hashes = FRAMES * BATCH_ENTRIES;
  return {
    single: () => nsPerCall(hashes, () => hashInto(message, hash)),
    lanes: () =>
      nsPerCall(hashes / LANES, () => lanes?.run([length, length, length, length])) / LANES,
    seal: () => nsPerEntry(() => sealFrame(sealed, GENESIS)),
    check: () => nsPerEntry(() => checkEntries(sealed)),
  };
}

function nsPerEntry(step: () => unknown): number {
  return nsPerCall(FRAMES, () => do_not_optimize(step())) / BATCH_ENTRIES;
}
