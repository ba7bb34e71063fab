import { checkEntries } from "../format/checkEntries.ts";
import { checkDigest } from "../format/decodeFrame.ts";

/**
 * Proves every byte and every entry of a sealed frame. What it is a link of is another question.
 *
 * @throws {@link CorruptedError} or {@link HashMismatchError}.
 */
export function proveFrame(bytes: Uint8Array): void {
  checkDigest(bytes);
  checkEntries(bytes);
}
