import { HashMismatchError } from "../model/errors.ts";
import { EntryCursor } from "./EntryCursor.ts";
import { entryHashHolds } from "./entryHash.ts";
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
  if (!entryHashHolds(frame, cursor)) throw new HashMismatchError(cursor.seq);
}
