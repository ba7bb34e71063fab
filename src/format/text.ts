import { isUtf8 } from "node:buffer";
import { CorruptedError, InvalidEntryError } from "../model/errors.ts";
import { MAX_TEXT_BYTES } from "./frameLayout.ts";

/**
 * What a topic, payload type, index kind or key takes in a frame.
 *
 * @throws {@link InvalidEntryError} for more than its length has room for.
 */
export function textBytesOf(text: string): number {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_TEXT_BYTES) return bytes;
  throw new InvalidEntryError("text", `at most ${MAX_TEXT_BYTES} bytes`, text);
}

/**
 * The text of these bytes.
 *
 * @throws {@link CorruptedError} for bytes that are not UTF-8: decoding alone would replace them.
 */
export function textAt(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  if (text.includes("\uFFFD") && !isUtf8(bytes.subarray(start, end))) {
    throw new CorruptedError("A frame has a text that is not UTF-8");
  }
  return text;
}
