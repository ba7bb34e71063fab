import { LogWriter } from "../../src/backends/lmdb/LogWriter.ts";
import { encodeFrame } from "../../src/format/encodeFrame.ts";
import { type Adapter, exceptFor } from "./Adapter.ts";

const COMMITS_ONLY = "no pipeline is before it";

/** Ours without what is before it: frames that were encoded before, and no process in between. */
export const tidemarkWriter: Adapter = {
  whyNot: exceptFor({ saturated: COMMITS_ONLY, latency: COMMITS_ONLY, bytes: "as tidemark" }),
  async openStore({ directory }) {
    const writer = await LogWriter.open({ folder: directory, mode: "create", runId: "run" });
    return {
      prepare(entries, fromSeq) {
        const { bytes } = encodeFrame(entries, { fromSeq, epoch: writer.state.epoch });
        return () => {
          writer.append([bytes]);
          // The writer process does so after an acknowledgement: whoever waits for the next commit
          // waits for this, too.
          writer.prepareNext();
        };
      },
      close: () => writer.close(),
    };
  },
};
