/** Several payloads share a block: to allocate one for each would cost more than to copy it. */
const BLOCK_BYTES = 64 * 1024;
/** What is larger gets memory of its own, so that little of a block is ever left unused. */
const MAX_SHARED_BYTES = 4 * 1024;
/** How many blocks are kept to be used again. */
const MAX_KEPT_BLOCKS = 64;

/** A piece of memory, and how many copies in it may still be read. */
class Block {
  readonly bytes: Uint8Array = new Uint8Array(BLOCK_BYTES);
  copies = 0;
}

/**
 * Copies payloads into memory that nobody else can write. A block is used again once every copy in it
 * was released; one with a copy that never is goes with that. At most 4 MiB are kept.
 */
export class PayloadCopies {
  readonly #blocks = new WeakMap<ArrayBufferLike, Block>();
  readonly #free: Block[] = [];
  #block = new Block();
  #end = 0;
  /** The block of the last copy that was released: that of the next one, mostly. */
  #releasing = this.#block;

  constructor() {
    this.#blocks.set(this.#block.bytes.buffer, this.#block);
  }

  copyOf(payload: Uint8Array): Uint8Array {
    const { length } = payload;
    if (length > MAX_SHARED_BYTES) return new Uint8Array(payload);
    if (length > BLOCK_BYTES - this.#end) this.#startBlock();
    const start = this.#end;
    this.#end += length;
    this.#block.copies += 1;
    this.#block.bytes.set(payload, start);
    return this.#block.bytes.subarray(start, this.#end);
  }

  /** Lets go of copies, each of which is released once: nobody reads them any more. */
  release(copies: readonly { readonly payload: Uint8Array }[]): void {
    for (const { payload } of copies) {
      const { buffer } = payload;
      if (buffer !== this.#releasing.bytes.buffer) {
        const block = this.#blocks.get(buffer);
        // What has memory of its own needs no release.
        if (block === undefined) continue;
        this.#releasing = block;
      }
      this.#releasing.copies -= 1;
      if (this.#releasing.copies === 0) this.#freed(this.#releasing);
    }
  }

  #startBlock(): void {
    let block = this.#free.pop();
    if (block === undefined) {
      block = new Block();
      this.#blocks.set(block.bytes.buffer, block);
    }
    this.#block = block;
    this.#end = 0;
  }

  #freed(block: Block): void {
    // The one that is being filled may end with nothing that is still read, and then starts anew.
    if (block === this.#block) this.#end = 0;
    else if (this.#free.length < MAX_KEPT_BLOCKS) this.#free.push(block);
  }
}
