import {
  TidemarkError,
  verifyRun,
  type ErrorCode,
  type Finding,
  type Seq,
  type VerifyReport,
} from "../index.ts";
import { FindingList } from "../runs/FindingList.ts";
import type { DirectoryAddress } from "./runAddress.ts";

/** The last thing that the process which verifies tells. */
export type VerifyEnd =
  | { readonly kind: "done"; readonly report: Omit<VerifyReport, "findings"> }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly code?: ErrorCode;
      readonly stack?: string;
    };

/** How far a verification has come. */
export interface VerifyProgress {
  readonly seq: Seq;
  readonly highWatermark: Seq;
  /** Of all that were found. */
  readonly findingCount: number;
}

/** What the process that verifies tells the one that asked. */
export type VerifyMessage =
  | { readonly kind: "finding"; readonly finding: Finding }
  | ({ readonly kind: "progress" } & VerifyProgress)
  | VerifyEnd;

// The other process has gone: nobody hears what is found, and a long check must not go on alone.
process.once("disconnect", () => process.exit(2));
process.once("message", (address) => {
  void answer(address as DirectoryAddress);
});

async function answer(address: DirectoryAddress): Promise<void> {
  const end = await verified(address);
  // Not before it is sent: what is still on its way would be lost with the channel.
  process.send?.(end, () => {
    process.removeAllListeners("disconnect");
    process.disconnect();
  });
}

/** Findings are told as far as a report has room for them: whoever hears them may be slow. */
async function verified(address: DirectoryAddress): Promise<VerifyEnd> {
  const found = new FindingList();
  try {
    const { findings: _told, ...report } = await verifyRun({
      ...address,
      onFinding: (finding) => {
        if (found.add(finding)) tell({ kind: "finding", finding });
      },
      onProgress: (seq, highWatermark) => {
        const { findingCount } = found.report;
        tell({ kind: "progress", seq, highWatermark, findingCount });
      },
    });
    return { kind: "done", report };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return {
      kind: "failed",
      message,
      ...(stack === undefined ? {} : { stack }),
      ...(error instanceof TidemarkError ? { code: error.code } : {}),
    };
  }
}

function tell(message: VerifyMessage): void {
  // Where nobody is left to hear it, "disconnect" ends this.
  process.send?.(message, () => {});
}
