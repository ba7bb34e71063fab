import { crc32 } from "node:zlib";
import type { IndexKey } from "../model/entry.ts";
import { CorruptedError } from "../model/errors.ts";
import type { EntryCursor } from "./EntryCursor.ts";
import * as layout from "./frameLayout.ts";
import type { OpenFrame } from "./OpenFrame.ts";
import { textAt } from "./text.ts";

const NO_KEYS: readonly IndexKey[] = Object.freeze([]);
/** From where the keys start back to their CRC. */
const CRC_BEFORE_KEYS = layout.KEYS_HEADER_BYTES - layout.AT_KEYS_CRC;

/** Seals the index keys of the current entry, if it has any: its hash does not cover them. */
export function writeKeysCrc(frame: OpenFrame, entry: EntryCursor): void {
  if (entry.keysAt === 0) return;
  frame.view.setUint32(entry.keysAt - CRC_BEFORE_KEYS, keysCrcOf(frame, entry), true);
}

/**
 * The index keys of the current entry.
 *
 * @throws {@link CorruptedError} unless they are what was sealed.
 */
export function indexKeysAt(frame: OpenFrame, entry: EntryCursor): readonly IndexKey[] {
  if (entry.keysAt === 0) return NO_KEYS;
  if (frame.view.getUint32(entry.keysAt - CRC_BEFORE_KEYS, true) !== keysCrcOf(frame, entry)) {
    throw new CorruptedError("The CRC of an entry's index keys does not hold", entry.seq);
  }
  const keys: IndexKey[] = [];
  let at = entry.keysAt;
  while (at < entry.keysEnd) {
    const start = at + layout.KEY_HEADER_BYTES;
    if (start > entry.keysEnd) throw tooShort(entry);
    const end = start + frame.view.getUint16(at + layout.AT_KEY_BYTES, true);
    if (end > entry.keysEnd) throw tooShort(entry);
    const kind = frame.indexKinds.textOf(frame.view.getUint32(at + layout.AT_KIND_ID, true));
    keys.push({ kind, key: textAt(frame.buffer, start, end) });
    at = end;
  }
  return keys;
}

function keysCrcOf(frame: OpenFrame, entry: EntryCursor): number {
  return crc32(frame.bytes.subarray(entry.keysAt, entry.keysEnd));
}

function tooShort(entry: EntryCursor): CorruptedError {
  return new CorruptedError("An index key does not fit its entry", entry.seq);
}
