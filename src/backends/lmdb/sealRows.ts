import { indexRowsOf } from "../../format/decodeFrame.ts";
import type { ChainHead } from "../../format/frameHeader.ts";
import { OpenFrame } from "../../format/OpenFrame.ts";
import { sealOpenFrame } from "../../format/sealFrame.ts";
import type { Seq } from "../../model/entry.ts";
import { CorruptedError, OutOfOrderError } from "../../model/errors.ts";
import { encodeIndexRow } from "./indexRow.ts";
import { frameKey, indexRowKey } from "./keys.ts";
import type { Row } from "./Rows.ts";

/** What an append writes, and where the log is then. */
export interface SealedRows {
  readonly frames: readonly Row[];
  /** In the order of the frames; of rows with one key the first stays. */
  readonly indexRows: readonly Row[];
  readonly head: ChainHead;
  readonly watermark: Seq;
}

/**
 * Seals frames in place as the next ones of a log and gives the rows that store them.
 *
 * @throws {@link OutOfOrderError} where one does not start behind the one before it,
 * {@link CorruptedError} for what is no frame.
 */
export function sealRows(
  frames: readonly Uint8Array[],
  log: { readonly watermark: Seq; readonly head: ChainHead },
): SealedRows {
  let { watermark, head } = log;
  const opened = frames.map((bytes) => {
    const frame = new OpenFrame(bytes);
    const { fromSeq, toSeq } = frame.header;
    if (fromSeq !== watermark + 1) throw new OutOfOrderError(fromSeq, log.watermark);
    watermark = toSeq;
    return frame;
  });
  for (const frame of opened) head = sealOpenFrame(frame, head);
  return {
    frames: opened.map(({ bytes, header }) => ({ key: frameKey(header.fromSeq), value: bytes })),
    indexRows: opened.flatMap(indexRowsFor),
    head,
    watermark,
  };
}

function indexRowsFor(frame: OpenFrame): readonly Row[] {
  return indexRowsOf(frame).map(({ kind, key, seq }) => {
    const row = indexRowKey(kind, key);
    if (row === undefined) throw new CorruptedError("A frame has an index key out of bounds", seq);
    return encodeIndexRow(row, seq);
  });
}
