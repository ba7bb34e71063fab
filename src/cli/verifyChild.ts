import {
  TidemarkError,
  verifyRun,
  type ErrorCode,
  type Finding,
  type Seq,
  type VerifyReport,
} from "../index.ts";
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

/** What the process that verifies tells the one that asked. */
export type VerifyMessage =
  | { readonly kind: "finding"; readonly finding: Finding }
  | { readonly kind: "progress"; readonly seq: Seq; readonly highWatermark: Seq }
  | VerifyEnd;

// The other process has gone: nobody hears what is found, and a long check must not go on alone.
process.once("disconnect", () => process.exit(2));
process.once("message", (address) => {
  void answer(address as DirectoryAddress);
});

async function answer(address: DirectoryAddress): Promise<void> {
  try {
    const { findings: _told, ...report } = await verifyRun({
      ...address,
      onFinding: (finding) => tell({ kind: "finding", finding }),
      onProgress: (seq, highWatermark) => tell({ kind: "progress", seq, highWatermark }),
    });
    tell({ kind: "done", report });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    tell({
      kind: "failed",
      message,
      ...(stack === undefined ? {} : { stack }),
      ...(error instanceof TidemarkError ? { code: error.code } : {}),
    });
  }
  process.removeAllListeners("disconnect");
  process.disconnect();
}

function tell(message: VerifyMessage): void {
  process.send?.(message);
}
