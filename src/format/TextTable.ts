import { CorruptedError } from "../model/errors.ts";
import type { FrameBytes } from "./FrameBytes.ts";
import { TEXT_LENGTH_BYTES } from "./frameLayout.ts";
import { textAt } from "./text.ts";

/** The topics, payload types or index kinds in a frame's head, by their numbers. */
export class TextTable {
  /** Where the next table starts. */
  readonly end: number;
  readonly #view: DataView;
  readonly #buffer: Buffer;
  readonly #startsById: number[] = [];
  readonly #textsById: string[] = [];

  /**
   * Finds the texts and decodes none of them.
   *
   * @throws {@link CorruptedError} where they reach beyond `limit`.
   */
  constructor({ view, buffer }: FrameBytes, start: number, count: number, limit: number) {
    let at = start;
    this.#view = view;
    this.#buffer = buffer;
    while (this.#startsById.length < count) {
      const textStart = at + TEXT_LENGTH_BYTES;
      // There is something to read even at the limit: an entry always follows the head.
      at = textStart + view.getUint16(at, true);
      if (at > limit) throw new CorruptedError("A frame has a text beyond its head");
      this.#startsById.push(textStart);
    }
    this.end = at;
  }

  /**
   * Where in the frame the bytes of a text are.
   *
   * @throws {@link CorruptedError} for a number that was not given.
   */
  startOf(id: number): number {
    const start = this.#startsById[id];
    if (start === undefined) throw new CorruptedError(`A frame has no text of number ${id}`);
    return start;
  }

  /** How many bytes a text has. @throws as {@link startOf}. */
  lengthOf(id: number): number {
    return this.#view.getUint16(this.startOf(id) - TEXT_LENGTH_BYTES, true);
  }

  /**
   * The text itself.
   *
   * @throws {@link CorruptedError} for a number that was not given, and for what is not UTF-8.
   */
  textOf(id: number): string {
    const known = this.#textsById[id];
    if (known !== undefined) return known;
    const start = this.startOf(id);
    const text = textAt(this.#buffer, start, start + this.lengthOf(id));
    this.#textsById[id] = text;
    return text;
  }
}
