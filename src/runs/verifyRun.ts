import { firstValueFrom, from } from "rxjs";
import type { RunLog } from "../backends/Backend.ts";
import type { Seq } from "../model/entry.ts";
import type { RunStatus } from "../model/manifest.ts";
import type { Finding } from "./Finding.ts";
import { FrameVerifier } from "./FrameVerifier.ts";
import { openLog, type RunAddress } from "./readRun.ts";
import { manifestFindings } from "./manifestFindings.ts";

/** What a verification found. */
export interface VerifyReport {
  readonly runId: string;
  readonly status: RunStatus;
  /** The last durable seq. */
  readonly highWatermark: Seq;
  readonly entriesScanned: number;
  readonly findings: readonly Finding[];
  /** Nothing was found. */
  readonly isClean: boolean;
}

/** Which run to verify, and who wants to hear of it while it goes on. */
export interface VerifyRunOptions extends RunAddress {
  readonly onFinding?: (finding: Finding) => void;
  /** Called after each page with the seq reached. */
  readonly onProgress?: (seq: Seq, highWatermark: Seq) => void;
}

/**
 * Checks all of a run and tells everything that is wrong with it: every entry hash, the density of
 * the seqs, the digest and the chain of the frames, and the manifest against them. Goes on after
 * damage, changes nothing, and holds one page at a time.
 *
 * @throws {@link NotFoundError} where there is no such run, and what keeps it from being read at
 * all.
 */
export async function verifyRun(options: VerifyRunOptions): Promise<VerifyReport> {
  const { log } = await openLog(options, "full");
  try {
    return await verifyLog(log, options);
  } finally {
    await firstValueFrom(from(log.close()), { defaultValue: undefined });
  }
}

async function verifyLog(log: RunLog, options: VerifyRunOptions): Promise<VerifyReport> {
  const findings: Finding[] = [];
  const find = (finding: Finding): void => {
    findings.push(finding);
    options.onFinding?.(finding);
  };
  const { watermark, manifest } = log;
  const frames = new FrameVerifier(find);
  while (frames.nextSeq <= watermark) {
    const page = await firstValueFrom(from(log.framesFrom(frames.nextSeq)));
    if (page.length === 0) break;
    for (const bytes of page) frames.verify(bytes);
    options.onProgress?.(Math.min(frames.nextSeq - 1, watermark), watermark);
  }
  frames.end(watermark);
  for (const finding of manifestFindings(manifest, watermark, frames.maxTsInit)) find(finding);
  return {
    runId: manifest.runId,
    status: manifest.status,
    highWatermark: watermark,
    entriesScanned: frames.entriesScanned,
    findings,
    isClean: findings.length === 0,
  };
}
