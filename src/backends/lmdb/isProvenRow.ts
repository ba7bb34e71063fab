import { CorruptedError } from "../../model/errors.ts";
import { decodeAnchor } from "./anchorRow.ts";
import { decodeIndexRow } from "./indexRow.ts";
import { ANCHOR_KEY, EPOCH_KEY, fromSeqOf, isIndexRowKey, numberOf } from "./keys.ts";
import { provenHeaderOf } from "./logHead.ts";
import type { Row } from "./Rows.ts";

/**
 * Whether a row tells by itself that it is what was stored under its key. A row that is replaced, the
 * epoch or the anchor, must besides not be older than what it has replaced: on a page that is there in
 * part it may be one of long ago. Of two anchors with one watermark either will do.
 *
 * @param before - what stood under its key before, if anything did
 */
export function isProvenRow(row: Row, before: Uint8Array | undefined): boolean {
  const { key, value } = row;
  if (isIndexRowKey(key)) return resultOf(() => decodeIndexRow(row)) !== undefined;
  if (isKey(key, ANCHOR_KEY)) return isNotOlder(value, before, watermarkOf);
  if (isKey(key, EPOCH_KEY)) return isNotOlder(value, before, numberOf);
  const fromSeq = fromSeqOf(key);
  return fromSeq !== undefined && provenHeaderOf(value)?.fromSeq === fromSeq;
}

function isNotOlder(
  value: Uint8Array,
  before: Uint8Array | undefined,
  orderOf: (value: Uint8Array) => number | undefined,
): boolean {
  const order = orderOf(value);
  const least = before === undefined ? undefined : orderOf(before);
  return order !== undefined && order >= (least ?? 0);
}

function watermarkOf(anchor: Uint8Array): number | undefined {
  return resultOf(() => decodeAnchor(anchor))?.highWatermark;
}

function isKey(key: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(key, other) === 0;
}

/** Undefined where what is decoded is damaged. */
function resultOf<Result>(decode: () => Result): Result | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CorruptedError) return undefined;
    throw error;
  }
}
