/** Several payloads share a block: to allocate one for each would cost more than to copy it. */
const BLOCK_BYTES = 64 * 1024;
/** What is larger gets memory of its own, so that little of a block is ever left unused. */
const MAX_SHARED_BYTES = 4 * 1024;

/** Copies payloads into memory that nobody else can write. */
export class PayloadCopies {
  #block = new Uint8Array(BLOCK_BYTES);
  #end = 0;

  copyOf(payload: Uint8Array): Uint8Array {
    const { length } = payload;
    if (length > MAX_SHARED_BYTES) return new Uint8Array(payload);
    if (length > BLOCK_BYTES - this.#end) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#end = 0;
    }
    const start = this.#end;
    this.#end += length;
    this.#block.set(payload, start);
    return this.#block.subarray(start, this.#end);
  }
}
