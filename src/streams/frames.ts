import { map, type OperatorFunction } from "rxjs";
import type { Frame } from "../backends/Backend.ts";
import { encodeFrame } from "../format/encodeFrame.ts";
import type { Seq } from "../model/entry.ts";
import type { BatchClosedBy } from "../model/Writer.ts";
import type { BatchOrAnchor } from "./cutBatches.ts";
import type { FrameMemory } from "./FrameMemory.ts";
import type { PayloadCopies } from "./PayloadCopies.ts";
import type { AnchorSubmission } from "./Submission.ts";

/** A batch in the form in which it is committed. */
export interface FramedBatch {
  readonly kind: "frame";
  readonly frame: Frame;
  readonly entries: number;
  readonly sizeBytes: number;
  readonly closedBy: BatchClosedBy;
}

/** What the sink works on. */
export type Work = FramedBatch | AnchorSubmission;

/**
 * Turns batches into frames, as early as possible: it happens while the sink is busy with the
 * commit before.
 */
export function frames(config: {
  readonly watermark: Seq;
  readonly epoch: number;
  /** Undefined where every frame needs memory of its own. */
  readonly memory: FrameMemory | undefined;
  /** Where the payloads lie that are released once they are in a frame. */
  readonly payloads: PayloadCopies;
}): OperatorFunction<BatchOrAnchor, Work> {
  const { epoch, memory, payloads } = config;
  const allocate = memory && ((byteLength: number): Uint8Array => memory.take(byteLength));
  let nextSeq = config.watermark + 1;
  return map((item) => {
    if (item.kind === "anchor") return item;
    const { drafts, sizeBytes, closedBy } = item;
    const frame = encodeFrame(drafts, { fromSeq: nextSeq, epoch }, allocate);
    payloads.release(drafts);
    nextSeq += drafts.length;
    return { kind: "frame", frame, entries: drafts.length, sizeBytes, closedBy };
  });
}
