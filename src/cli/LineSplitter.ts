const NEW_LINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);
/** What a line of the longest length may have beside it: the BOM of the stream, and a `\r`. */
const BESIDE_THE_LINE_BYTES = BYTE_ORDER_MARK.byteLength + 1;
const FIRST_HELD_BYTES = 64 * 1024;

/** One line of a stream, without its end. */
export interface Line {
  /** From 1 on; blank lines count. */
  readonly number: number;
  /** Absent where the line was too long to be kept. Valid until the next chunk is pushed. */
  readonly bytes?: Uint8Array;
}

/**
 * Cuts a stream of bytes into lines, bytes kept as they are. Lines end in `\n` or `\r\n`; the BOM of
 * the stream is dropped, and lines of nothing but spaces and tabs are counted and left out. Holds the
 * start of one line, in twice `maxLineBytes` at most: of a longer line only its number is left.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  /** The start of a line whose end is still to come. */
  #held: Buffer = Buffer.alloc(FIRST_HELD_BYTES);
  /** How much of the line there was, kept or not. */
  #heldBytes = 0;
  #number = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that end in this chunk. To be used up before the next one is pushed. */
  *push(chunk: Uint8Array): Generator<Line> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEW_LINE, start);
      if (end === -1) break;
      yield* this.#line(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
  }

  /** The last line, where the stream does not end in a line end. */
  *end(): Generator<Line> {
    if (this.#heldBytes > 0) yield* this.#line(new Uint8Array());
  }

  *#line(rest: Uint8Array): Generator<Line> {
    this.#number += 1;
    const number = this.#number;
    const bytes = this.#withoutEnds(this.#joined(rest));
    this.#heldBytes = 0;
    if (bytes === undefined || bytes.byteLength > this.#maxLineBytes) yield { number };
    else if (!isBlank(bytes)) yield { number, bytes };
  }

  #joined(rest: Uint8Array): Uint8Array | undefined {
    if (this.#heldBytes === 0) return rest;
    this.#hold(rest);
    return this.#isOverlong() ? undefined : this.#held.subarray(0, this.#heldBytes);
  }

  #hold(part: Uint8Array): void {
    const at = this.#heldBytes;
    this.#heldBytes += part.byteLength;
    if (this.#isOverlong()) {
      this.#held = Buffer.alloc(FIRST_HELD_BYTES);
      return;
    }
    if (this.#heldBytes > this.#held.byteLength) {
      const larger = Buffer.alloc(2 * this.#heldBytes);
      larger.set(this.#held.subarray(0, at));
      this.#held = larger;
    }
    this.#held.set(part, at);
  }

  #isOverlong(): boolean {
    return this.#heldBytes > this.#maxLineBytes + BESIDE_THE_LINE_BYTES;
  }

  #withoutEnds(line: Uint8Array | undefined): Uint8Array | undefined {
    if (line === undefined) return undefined;
    return line.subarray(
      this.#number === 1 && isMarked(line) ? BYTE_ORDER_MARK.byteLength : 0,
      line.at(-1) === CARRIAGE_RETURN ? -1 : undefined,
    );
  }
}

/** Whether bytes come back from a stream as they are where a `\n` follows them. */
export function isOneLine(bytes: Uint8Array, isFirst: boolean): boolean {
  const isChanged = bytes.at(-1) === CARRIAGE_RETURN || (isFirst && isMarked(bytes));
  return !isChanged && !isBlank(bytes) && !bytes.includes(NEW_LINE);
}

function isMarked(line: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, position) => line[position] === byte);
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === SPACE || byte === TAB);
}
