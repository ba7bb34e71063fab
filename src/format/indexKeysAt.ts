import type { IndexKey, Seq } from "../model/entry.ts";
import { IndexKeyCursor } from "./IndexKeyCursor.ts";
import { OpenHead } from "./OpenHead.ts";

/**
 * The index keys of one entry, by the head of its frame alone, which proves itself by its CRC;
 * undefined for an entry of another frame.
 *
 * @param bytes - of the frame, as {@link OpenHead} takes them.
 * @throws {@link UnsupportedFormatError} for a frame of another version.
 * @throws {@link CorruptedError} for what is no frame, or whose head is not what was sealed.
 */
export function indexKeysAt(bytes: Uint8Array, seq: Seq): readonly IndexKey[] | undefined {
  const head = new OpenHead(bytes);
  head.checkHeadCrc();
  const { fromSeq, toSeq } = head.header;
  return seq < fromSeq || seq > toSeq ? undefined : new IndexKeyCursor(head).keysOf(seq);
}
