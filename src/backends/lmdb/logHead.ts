import { checkDigest } from "../../format/decodeFrame.ts";
import {
  frameHeaderOf,
  headFieldsOf,
  type FrameHeader,
  type HeadFields,
} from "../../format/frameHeader.ts";
import type { Seq } from "../../model/entry.ts";
import type { Checkpoint } from "../Backend.ts";
import { frameKey, FRAMES_END, FRAMES_START, fromSeqOf } from "./keys.ts";
import type { Rows } from "./Rows.ts";

/** Where a log ends: its last frame. */
export interface LogHead {
  /** The last durable seq; of a damaged last frame its first seq, which is the least it held. */
  readonly watermark: Seq;
  /** The header of the last frame; undefined in an empty log. */
  readonly header?: FrameHeader;
  /** The last frame is there and cannot be read: nothing can be built on it. */
  readonly isDamaged: boolean;
}

/** Looks at the last frame of a log; there is no other record of its progress. */
export function logHeadOf(rows: Rows): LogHead {
  const newest = { start: FRAMES_END, end: FRAMES_START, reverse: true, limit: 1 };
  for (const { key, value } of rows.getRange(newest)) {
    const fromSeq = fromSeqOf(key);
    const header = provenHeaderOf(value);
    return header === undefined || header.fromSeq !== fromSeq
      ? { watermark: fromSeq ?? 0, isDamaged: true }
      : { watermark: header.toSeq, header, isDamaged: false };
  }
  return { watermark: 0, isDamaged: false };
}

/** Whether a head that is remembered of a log is in it. */
export function isBorneOut(rows: Rows, { seq, digest }: Checkpoint): boolean {
  const newest = { start: frameKey(seq), end: FRAMES_START, reverse: true, limit: 1 };
  for (const { value } of rows.getRange(newest)) {
    const header = headerOf(value);
    return header?.toSeq === seq && Buffer.compare(header.digest, digest) === 0;
  }
  return false;
}

/** The header of a frame whose digest holds: what the chain goes on from must not be taken on trust. */
export function provenHeaderOf(frame: Uint8Array): FrameHeader | undefined {
  try {
    checkDigest(frame);
  } catch {
    return undefined;
  }
  return headerOf(frame);
}

/** The header of a frame, or undefined where it cannot be read. */
export function headerOf(frame: Uint8Array): FrameHeader | undefined {
  return readable(() => frameHeaderOf(frame));
}

/** The same of a frame whose end may be missing. */
export function headOf(frame: Uint8Array): HeadFields | undefined {
  return readable(() => headFieldsOf(frame));
}

function readable<Header>(read: () => Header): Header | undefined {
  try {
    return read();
  } catch {
    // Whoever reads the frame is told what is wrong with it; here it only has no header.
    return undefined;
  }
}
