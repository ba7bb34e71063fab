const PAGES_PER_PIECE = 16;

/** Memory for pages, in pieces: it would cost more than to read a page if each had its own. */
export class PageMemory {
  readonly #pageBytes: number;
  #piece = Buffer.alloc(0);

  constructor(pageBytes: number) {
    this.#pageBytes = pageBytes;
  }

  /** Memory for one page; a piece is kept as long as any of its pages is. */
  next(): Buffer {
    if (this.#piece.length === 0) {
      this.#piece = Buffer.allocUnsafeSlow(PAGES_PER_PIECE * this.#pageBytes);
    }
    const page = this.#piece.subarray(0, this.#pageBytes);
    this.#piece = this.#piece.subarray(this.#pageBytes);
    return page;
  }
}
