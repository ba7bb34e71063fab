import type { RunLog } from "../backends/Backend.ts";
import type { IndexRow } from "../format/Frame.ts";
import { CorruptedError } from "../model/errors.ts";
import type { Finding } from "./Finding.ts";
import type { FrameVerifier } from "./FrameVerifier.ts";
import { pageOf, seqBehind } from "./seqBehind.ts";

/** Who is told of what, while the frames of a log are read. */
export interface FrameReading {
  readonly find: (finding: Finding) => void;
  /** What the entries of a frame mention; called where there is something. */
  readonly onRows: (rows: readonly IndexRow[]) => Promise<void>;
  /** After each page. */
  readonly onPage?: () => void;
}

/**
 * Leads a verifier through all frames of a log, page by page, past every frame that is damaged.
 *
 * @throws {@link CorruptedError} where the damage is not that of one frame: nothing behind it can be
 * found.
 */
export async function readFrames(
  log: RunLog,
  frames: FrameVerifier,
  reading: FrameReading,
): Promise<void> {
  while (frames.nextSeq <= log.watermark) {
    const page = await pageOf(log, frames.nextSeq);
    if (page instanceof CorruptedError) {
      reading.find(misplaced(page));
      frames.goOnAt(await seqBehind(log, frames.nextSeq));
    } else {
      if (page.length === 0) break;
      await readPage(log, page, frames, reading);
    }
    reading.onPage?.();
  }
}

async function readPage(
  log: RunLog,
  page: readonly Uint8Array[],
  frames: FrameVerifier,
  { onRows }: FrameReading,
): Promise<void> {
  for (const bytes of page) {
    const isPassed = frames.verify(bytes);
    if (frames.indexRows.length > 0) await onRows(frames.indexRows);
    if (!isPassed) frames.goOnAt(await seqBehind(log, frames.nextSeq));
  }
}

/** A frame that the log does not give out, since it is stored where it does not belong. */
function misplaced({ reason, seq, storedAt }: CorruptedError): Finding {
  if (storedAt === undefined || seq === undefined) {
    return { kind: "structure", reason: seq === undefined ? reason : `${reason} (seq ${seq})` };
  }
  return { kind: "seq-mismatch", storedAt, seq };
}
