import { InvalidEntryError } from "../model/errors.ts";

/** Where the 16 bytes of a UUID stand in its text. */
const DIGIT_POSITIONS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;
const TEXT_LENGTH = 36;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * Writes the 16 bytes of a UUID in network order, as the text has them: neither version nor variant
 * is looked at.
 *
 * @throws {@link InvalidEntryError} for a text that is no UUID; the bytes are undefined then.
 */
export function writeUuid(target: Uint8Array, at: number, text: string, field: string): void {
  let bad = text.length - TEXT_LENGTH;
  for (let index = 0; index < DIGIT_POSITIONS.length; index++) {
    const position = DIGIT_POSITIONS[index] as number;
    const byte = (digitAt(text, position) << 4) | digitAt(text, position + 1);
    bad |= byte < 0 ? 1 : 0;
    target[at + index] = byte;
  }
  if (bad !== 0 || !hasHyphens(text)) {
    throw new InvalidEntryError(field, "an RFC 4122 UUID", text);
  }
}

/** The text of a UUID, in lower case. */
export function uuidAt(source: Uint8Array, at: number): string {
  let text = "";
  for (let index = 0; index < DIGIT_POSITIONS.length; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
    text += HEX[source[at + index] as number] as string;
  }
  return text;
}

/** The value of a hexadecimal digit; negative for anything else. */
function digitAt(text: string, position: number): number {
  const code = text.charCodeAt(position);
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function hasHyphens(text: string): boolean {
  return text[8] === "-" && text[13] === "-" && text[18] === "-" && text[23] === "-";
}
