import type { IndexKey, Seq } from "../model/entry.ts";

/** An index key and the first seq of its frame that mentioned it. */
export interface IndexRow extends IndexKey {
  readonly seq: Seq;
}

/** A batch's bytes on their way to a backend: unsealed, entry hashes and chain still open. */
export interface Frame {
  readonly fromSeq: Seq;
  readonly toSeq: Seq;
  readonly bytes: Uint8Array;
  /** Each index key of the batch once, with the first seq that mentioned it. */
  readonly indexRows: readonly IndexRow[];
}
