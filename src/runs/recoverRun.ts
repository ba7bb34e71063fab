import type { Backend, RunLog } from "../backends/Backend.ts";
import type { Lease } from "../backends/RunCatalog.ts";
import { decodeFrame } from "../format/decodeFrame.ts";
import type { Entry, Seq } from "../model/entry.ts";
import {
  BackendError,
  CorruptedError,
  GapError,
  HashMismatchError,
  UnsupportedFormatError,
} from "../model/errors.ts";
import type { RunManifest, SealedStatus } from "../model/manifest.ts";
import { awaited } from "./awaited.ts";
import { FrameCheck } from "./FrameCheck.ts";
import { FrameProofs } from "./FrameProofs.ts";
import { checkpointsOf, headProblemOf } from "./headProblem.ts";
import { isRunEnded } from "./lifecycle.ts";
import { closed } from "./openLog.ts";
import { releasing } from "./releasing.ts";

/** EPERM and EACCES. */
const REFUSED: ReadonlySet<number> = new Set([1, 13]);

/** Told after each page of a run that is recovered: which run, the seq reached, its last seq. */
export type RecoveryProgress = (run: RunManifest, seq: Seq, highWatermark: Seq) => void;

/**
 * Seals every run of the instance that nobody writes any more, oldest first. One whose manifest
 * cannot be read, or is of another format, or whose files we are refused, stays as it is, listed with
 * its problem: it blocks nothing.
 */
export async function recoverUnsealed(
  lease: Lease,
  runs: readonly RunManifest[],
  onProgress?: RecoveryProgress,
): Promise<readonly RunManifest[]> {
  const recovered: RunManifest[] = [];
  for (const { runId, status } of runs) {
    if (status !== "running") continue;
    const backend = await opened(lease, runId);
    if (backend !== undefined) recovered.push(await sealed(backend, onProgress));
  }
  return recovered;
}

async function opened(lease: Lease, runId: string): Promise<Backend | undefined> {
  try {
    return await lease.recover(runId);
  } catch (failure) {
    if (isDamage(failure) || failure instanceof UnsupportedFormatError || isRefusal(failure)) {
      return undefined;
    }
    throw failure;
  }
}

/**
 * Judges an unsealed run by reading all of it, and seals it as what it was: `ended` where only the
 * seal was missing, `crashed-recovered`, or `quarantined` where it is damaged or was rolled back.
 */
function sealed(backend: Backend, onProgress?: RecoveryProgress): Promise<RunManifest> {
  return releasing(
    () => closed(backend),
    async () => awaited(backend.seal(await statusOf(backend, onProgress))),
  );
}

async function statusOf(log: RunLog, onProgress?: RecoveryProgress): Promise<SealedStatus> {
  try {
    const last = await lastEntryOf(log, onProgress);
    const { latest } = await checkpointsOf(log);
    if ((await headProblemOf(log, latest)) !== undefined) return "quarantined";
    return last !== undefined && isRunEnded(last) ? "ended" : "crashed-recovered";
  } catch (failure) {
    if (isDamage(failure)) return "quarantined";
    throw failure;
  }
}

/**
 * The last entry, after every frame and every entry was checked; some pages in memory at a time, and
 * no entry made but the last one.
 */
async function lastEntryOf(log: RunLog, onProgress?: RecoveryProgress): Promise<Entry | undefined> {
  // A log that must not be opened says so here, whatever else it says of itself.
  const watermark = await awaited(log.refresh());
  const check = new FrameCheck(false);
  const proofs = new FrameProofs();
  let position = 1;
  let last: Uint8Array | undefined;
  while (position <= watermark) {
    const page = await awaited(log.framesFrom(position));
    if (page.length === 0) throw new GapError(position, watermark);
    for (const bytes of page) position = check.link(bytes, position).toSeq + 1;
    proofs.prove(page);
    last = page.at(-1);
    onProgress?.(log.manifest, position - 1, watermark);
  }
  await proofs.finish();
  return last === undefined ? undefined : decodeFrame(last).entryAt(position - 1);
}

/** We may not read the run, or not write it, and will not as long as nobody changes that. */
function isRefusal(failure: unknown): boolean {
  return (
    failure instanceof BackendError && failure.errno !== undefined && REFUSED.has(failure.errno)
  );
}

function isDamage(failure: unknown): boolean {
  return (
    failure instanceof CorruptedError ||
    failure instanceof HashMismatchError ||
    failure instanceof GapError
  );
}
