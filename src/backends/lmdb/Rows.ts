/** A row of a tree. */
export interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Rows by their keys. */
export interface RowRange {
  /** Where to begin, inclusive; in reverse the highest key. */
  readonly start: Uint8Array;
  /** Where to end, exclusive. */
  readonly end: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** Rows in the order of their keys: those of an lmdb environment, or of a file read without it. */
export interface Rows {
  getRange(range: RowRange): Iterable<Row>;
}
