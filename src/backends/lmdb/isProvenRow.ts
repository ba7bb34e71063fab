import { anchorTxnidOf } from "./anchorRow.ts";
import type { RowChange } from "./datafile/checkWritten.ts";
import { unlessDamaged } from "./datafile/unlessDamaged.ts";
import { decodeIndexRow } from "./indexRow.ts";
import { ANCHOR_KEY, EPOCH_KEY, fromSeqOf, isIndexRowKey, numberOf } from "./keys.ts";
import { provenHeaderOf } from "./logHead.ts";
import type { Row } from "./Rows.ts";

/**
 * Whether a row tells by itself that it is what a transaction has stored under its key. A page that is
 * there in part may hold rows of long ago. So a row that is replaced, the anchor or the epoch, must
 * besides be of just this transaction, or above what it has replaced; no other one is ever replaced.
 */
export function isProvenRow(row: Row, { before, txnid }: RowChange): boolean {
  const { key, value } = row;
  if (isKey(key, ANCHOR_KEY)) return unlessDamaged(() => anchorTxnidOf(value)) === txnid;
  if (isKey(key, EPOCH_KEY)) return isAbove(value, before);
  if (before !== undefined) return false;
  if (isIndexRowKey(key)) return unlessDamaged(() => decodeIndexRow(row)) !== undefined;
  const fromSeq = fromSeqOf(key);
  return fromSeq !== undefined && provenHeaderOf(value)?.fromSeq === fromSeq;
}

/** The first epoch is stored with the log, before which there is nothing to be compared with. */
function isAbove(epoch: Uint8Array, before: Uint8Array | undefined): boolean {
  const [now, least] = [epoch, before].map((value) => value && numberOf(value));
  return now !== undefined && least !== undefined && now > least;
}

function isKey(key: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(key, other) === 0;
}
