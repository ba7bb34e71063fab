import type { RunLog } from "../backends/Backend.ts";
import type { SnapshotAnchor } from "../model/manifest.ts";
import { CorruptedError } from "../model/errors.ts";
import { awaited } from "./awaited.ts";
import type { Finding } from "./Finding.ts";

/** What is wrong with the snapshot anchor of a log. The snapshot itself is its owner's. */
export async function anchorFindings(log: RunLog): Promise<readonly Finding[]> {
  let anchor: SnapshotAnchor | undefined;
  try {
    anchor = await awaited(log.latestSnapshotAnchor());
  } catch (failure) {
    if (!(failure instanceof CorruptedError)) throw failure;
    return [{ kind: "anchor-invalid", reason: `It cannot be read: ${failure.reason}` }];
  }
  if (anchor === undefined) return [];
  const { highWatermark } = anchor;
  // Whoever writes the run may have anchored what became durable since the last look.
  const watermark = highWatermark > log.watermark ? await awaited(log.refresh()) : log.watermark;
  if (highWatermark <= watermark) return [];
  const reason = `It is at ${highWatermark}, the log ends at ${watermark}`;
  return [{ kind: "anchor-invalid", reason }];
}
