import type { RunLog } from "../backends/Backend.ts";
import type { RunCatalog } from "../backends/RunCatalog.ts";
import type { Seq } from "../model/entry.ts";
import { CorruptedError, NotFoundError, UnsupportedFormatError } from "../model/errors.ts";
import type { RunSummary } from "../model/Run.ts";
import { awaited } from "./awaited.ts";
import { FrameVerifier } from "./FrameVerifier.ts";
import { closed, openLog } from "./openLog.ts";
import { readFrames } from "./readFrames.ts";
import { releasing } from "./releasing.ts";

/**
 * Whether a sealed run can be restored from a snapshot: it is not quarantined, its log can be opened
 * after a check of all of its structure and ends where it was sealed, its anchor is within it, and
 * every entry behind the anchor holds. Whether the snapshot itself is still there is for its owner to know.
 */
export async function isRestorePoint(catalog: RunCatalog, run: RunSummary): Promise<boolean> {
  const { instanceId, runId, status } = run.manifest;
  if (status === "running" || status === "quarantined" || run.problem !== undefined) return false;
  try {
    const log = await openLog({ catalog, instanceId, runId }, { check: "full" });
    return await releasing(
      () => closed(log),
      () => canBeRestored(log),
    );
  } catch (failure) {
    if (isOfTheRun(failure)) return false;
    throw failure;
  }
}

async function canBeRestored(log: RunLog): Promise<boolean> {
  const anchor = await awaited(log.latestSnapshotAnchor());
  if (anchor === undefined || anchor.highWatermark > log.watermark) return false;
  return isSoundBehind(log, anchor.highWatermark);
}

/** Whether all that a restore reads holds; an anchor is the end of a frame. */
async function isSoundBehind(log: RunLog, seq: Seq): Promise<boolean> {
  let isSound = true;
  const find = (): void => {
    isSound = false;
  };
  const frames = new FrameVerifier(find);
  frames.goOnAt(seq + 1);
  await readFrames(log, frames, { find, onRows: async () => undefined });
  frames.end(log.watermark);
  return isSound;
}

/** The run is damaged, of another format or gone: nothing that would pass by itself. */
function isOfTheRun(failure: unknown): boolean {
  return (
    failure instanceof CorruptedError ||
    failure instanceof UnsupportedFormatError ||
    failure instanceof NotFoundError
  );
}
