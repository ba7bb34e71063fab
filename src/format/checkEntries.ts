import { HashMismatchError } from "../model/errors.ts";
import { EntryCursor } from "./EntryCursor.ts";
import { entryHashAt } from "./entryHash.ts";
import * as layout from "./frameLayout.ts";
import { OpenFrame } from "./OpenFrame.ts";

/**
 * Proves every entry of a sealed frame, by its hash and the CRC of the head, and makes none of them:
 * in half the time that it takes to decode them.
 *
 * @throws {@link HashMismatchError} at the first entry whose hash does not hold.
 * @throws {@link CorruptedError} for anything else that is not what was sealed.
 */
export function checkEntries(bytes: Uint8Array): void {
  const frame = new OpenFrame(bytes);
  frame.checkHeadCrc();
  const cursor = new EntryCursor(frame);
  while (cursor.next()) checkEntryHash(frame, cursor);
}

/** Proves the current entry of a cursor. @throws {@link HashMismatchError} */
export function checkEntryHash(frame: OpenFrame, cursor: EntryCursor): void {
  const { bytes } = frame;
  const storedAt = cursor.at + layout.AT_HASH;
  const hash = entryHashAt(frame, cursor);
  let difference = 0;
  for (let index = 0; index < layout.HASH_BYTES; index++) {
    difference |= (bytes[storedAt + index] as number) ^ (hash[index] as number);
  }
  if (difference !== 0) throw new HashMismatchError(cursor.seq);
}
