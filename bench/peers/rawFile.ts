import { closeSync, fdatasyncSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import { type Adapter, exceptFor } from "./Adapter.ts";
import type { Job } from "./jobs.ts";
import type { Store } from "./Store.ts";

const FILE_NAME = "log";
const MIB = 2 ** 20;
/** An entry with its share of the frame is less than this, in frames of some entries. */
const ENTRY_BYTES = 512;
/** What a frame needs besides. */
const FRAME_BYTES = 1024;
/** A pipeline over a raw file is what `saturated` and `latency` compare with. */
const COMMITS_ONLY = "only the limit of single commits";

/** Frames one after the other in a plain file that grows. */
export const rawGrowing: Adapter = {
  whyNot: exceptFor({ saturated: COMMITS_ONLY, latency: COMMITS_ONLY }),
  openStore: ({ directory }) => rawStore(directory, 0),
};

/** The same over zeros that were written before. */
export const rawZeroed: Adapter = {
  whyNot: exceptFor({
    saturated: COMMITS_ONLY,
    latency: COMMITS_ONLY,
    bytes: "as the growing file",
  }),
  openStore: (job) => rawStore(job.directory, bytesFor(job)),
};

function rawStore(directory: string, zeroedBytes: number): Store {
  const file = openSync(join(directory, FILE_NAME), "wx");
  const zeros = new Uint8Array(MIB);
  for (let written = 0; written < zeroedBytes; written += MIB) writeSync(file, zeros);
  fsyncSync(file);
  let at = 0;
  let head = GENESIS;
  return {
    prepare(entries, fromSeq) {
      const { bytes } = encodeFrame(entries, { fromSeq, epoch: 1 });
      return () => {
        head = sealFrame(bytes, head);
        at += writeSync(file, bytes, 0, bytes.length, at);
        fdatasyncSync(file);
      };
    },
    close: () => closeSync(file),
  };
}

function bytesFor(job: Job): number {
  if (job.kind !== "commits") return 0;
  return (job.warmUp + job.commits) * (job.batch * ENTRY_BYTES + FRAME_BYTES);
}
