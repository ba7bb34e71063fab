import { TEXT_LENGTH_BYTES } from "./frameLayout.ts";
import { textBytesOf } from "./text.ts";

/** Numbers the different texts of a frame in the order in which they come. */
export class TextIds {
  readonly #idsByText = new Map<string, number>();
  #lastText: string | undefined;
  #lastId = 0;
  #bytes = 0;

  /** How many different texts there are. */
  get count(): number {
    return this.#idsByText.size;
  }

  /** What they take in the frame, lengths included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of a text, a new one where it was not seen before. */
  idOf(text: string): number {
    if (text === this.#lastText) return this.#lastId;
    let id = this.#idsByText.get(text);
    if (id === undefined) {
      id = this.#idsByText.size;
      this.#idsByText.set(text, id);
      this.#bytes += TEXT_LENGTH_BYTES + textBytesOf(text);
    }
    this.#lastText = text;
    this.#lastId = id;
    return id;
  }

  /** Writes the texts in the order of their numbers and returns where they end. */
  write(target: Buffer, at: number): number {
    let end = at;
    for (const text of this.#idsByText.keys()) {
      const length = target.write(text, end + TEXT_LENGTH_BYTES);
      target.writeUInt16LE(length, end);
      end += TEXT_LENGTH_BYTES + length;
    }
    return end;
  }
}
