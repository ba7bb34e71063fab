import { CorruptedError } from "../model/errors.ts";
import type { FrameBytes } from "./FrameBytes.ts";
import { TEXT_LENGTH_BYTES } from "./frameLayout.ts";
import { textAt } from "./text.ts";

/** The topics, payload types or index kinds in a frame's head, by their numbers. */
export class TextTable {
  /** Where the next table starts. */
  readonly end: number;
  readonly #bytesById: Buffer[] = [];
  readonly #textsById: string[] = [];

  /**
   * Finds the texts and decodes none of them.
   *
   * @throws {@link CorruptedError} where they reach beyond `limit`.
   */
  constructor({ view, buffer }: FrameBytes, start: number, count: number, limit: number) {
    let at = start;
    while (this.#bytesById.length < count) {
      const textStart = at + TEXT_LENGTH_BYTES;
      // There is something to read even at the limit: an entry always follows the head.
      at = textStart + view.getUint16(at, true);
      if (at > limit) throw new CorruptedError("A frame has a text beyond its head");
      this.#bytesById.push(buffer.subarray(textStart, at));
    }
    this.end = at;
  }

  /**
   * The bytes of a text, as a view.
   *
   * @throws {@link CorruptedError} for a number that was not given.
   */
  bytesOf(id: number): Buffer {
    const bytes = this.#bytesById[id];
    if (bytes === undefined) throw new CorruptedError(`A frame has no text of number ${id}`);
    return bytes;
  }

  /**
   * The text itself.
   *
   * @throws {@link CorruptedError} for a number that was not given, and for what is not UTF-8.
   */
  textOf(id: number): string {
    const known = this.#textsById[id];
    if (known !== undefined) return known;
    const bytes = this.bytesOf(id);
    const text = textAt(bytes, 0, bytes.length);
    this.#textsById[id] = text;
    return text;
  }
}
