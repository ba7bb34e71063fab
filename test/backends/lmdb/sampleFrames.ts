import { encodeFrame } from "../../../src/format/encodeFrame.ts";
import type { Frame } from "../../../src/format/Frame.ts";
import { FORMAT_VERSION } from "../../../src/format/formatVersion.ts";
import type { CapturedDraft, Seq } from "../../../src/model/entry.ts";
import type { RunManifest } from "../../../src/model/manifest.ts";

/** A frame of `count` entries from a seq on, unsealed. */
export function frameOf(fromSeq: Seq, count = 1, draft: Partial<CapturedDraft> = {}): Frame {
  const drafts = Array.from({ length: count }, (_, at) => ({
    topic: "orders",
    payloadType: "OrderAccepted",
    payload: Buffer.from(`payload ${fromSeq + at}`),
    tsInit: BigInt(fromSeq + at),
    tsPublish: BigInt(fromSeq + at),
    headers: {},
    indexKeys: [],
    ...draft,
  }));
  return encodeFrame(drafts, { fromSeq, epoch: 1 });
}

/** The manifest of a run that starts at an instant. */
export function manifestOf(startTsInit: bigint, instanceId = "desk-1"): RunManifest {
  return {
    formatVersion: FORMAT_VERSION,
    runId: `${startTsInit}-0000000a`,
    instanceId,
    identity: {},
    startTsInit,
    highWatermark: 0,
    status: "running",
  };
}
