import { LogWriter } from "../../src/backends/lmdb/LogWriter.ts";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import type { Adapter } from "./Adapter.ts";

const COMMITS_ONLY = "no pipeline is before it";

/** Ours without what is before it: frames that were encoded before, and no process in between. */
export const tidemarkWriter: Adapter = {
  unsupported: { saturated: COMMITS_ONLY, latency: COMMITS_ONLY, bytes: "as tidemark" },
  async openStore({ directory }) {
    const writer = await LogWriter.open({ folder: directory, mode: "create", runId: "run" });
    return {
      prepare(entries, fromSeq) {
        const { bytes } = encodeFrame(entries, { fromSeq, epoch: writer.state.epoch });
        // As the writer process has it: after an acknowledgement, before the next commit.
        writer.prepareNext();
        return () => void writer.append([bytes]);
      },
      close: () => writer.close(),
    };
  },
};
