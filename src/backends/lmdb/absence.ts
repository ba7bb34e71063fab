import { CorruptedError } from "../../model/errors.ts";
import type { Snapshot } from "./datafile/Snapshot.ts";
import { decodeIndexRow } from "./indexRow.ts";
import { ANCHOR_KEY, EPOCH_KEY, fromSeqOf, isIndexRowKey, RUN_KEY } from "./keys.ts";
import type { Row, Rows } from "./Rows.ts";

/** The value under a key; that there is none is proven by the rows around it. */
export function valueUnder(snapshot: Snapshot, key: Uint8Array): Uint8Array | undefined {
  const value = snapshot.get(key);
  if (value === undefined) proveAbsence(snapshot, key);
  return value;
}

/** Below the key of every row, and above it. */
const LOWEST_KEY = Uint8Array.of();
const HIGHEST_KEY = Uint8Array.of(0xff);

const SINGLE_KEYS = [RUN_KEY, EPOCH_KEY, ANCHOR_KEY];

/**
 * Proves that a row which was not found is not there with a damaged key: such a row would still stand
 * in its place, and so be one of the two that the key belongs between.
 *
 * @throws {@link CorruptedError} where one of them is no row of ours.
 */
export function proveAbsence(rows: Rows, key: Uint8Array): void {
  proveRowBefore(rows, key);
  proveRowFrom(rows, key);
}

/** Proves the last row whose key is not above a key. @throws as {@link proveAbsence} */
export function proveRowBefore(rows: Rows, key: Uint8Array): void {
  const before = { start: key, end: LOWEST_KEY, reverse: true, limit: 1 };
  for (const row of rows.getRange(before)) proveRow(row);
}

/** Proves the first row whose key is not below a key. @throws as {@link proveAbsence} */
export function proveRowFrom(rows: Rows, key: Uint8Array): void {
  for (const row of rows.getRange({ start: key, end: HIGHEST_KEY, limit: 1 })) proveRow(row);
}

/** A frame is proven by whoever reads it; here it only has to have the key of one. */
function proveRow(row: Row): void {
  if (isIndexRowKey(row.key)) decodeIndexRow(row);
  else if (fromSeqOf(row.key) === undefined && !isSingle(row.key)) {
    throw new CorruptedError("There is a row with a key that none has");
  }
}

function isSingle(key: Uint8Array): boolean {
  return SINGLE_KEYS.some((single) => Buffer.compare(single, key) === 0);
}
