/** Buffers come in multiples of this. */
const STEP_BYTES = 4 * 1024;
/** What is larger gets memory of its own; what is smaller, too, since it would waste most of a step. */
const MAX_SHARED_BYTES = 128 * 1024;
/** The transaction that is out, and what piles up meanwhile. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Memory for frames that is used again: to get it from the system and to clear it for each frame, and
 * to collect it afterwards, would cost as much as to encode the frame. At most 8 MiB are kept.
 */
export class FrameMemory {
  /** What is free, by the steps that it has. */
  readonly #free: ArrayBuffer[][] = [];
  #keptBytes = 0;

  /** So many zeros, in memory that nobody else has until it is given back. */
  take(byteLength: number): Uint8Array {
    const steps = Math.ceil(byteLength / STEP_BYTES);
    if (byteLength < STEP_BYTES || byteLength > MAX_SHARED_BYTES) return new Uint8Array(byteLength);
    const buffer = this.#free[steps]?.pop();
    if (buffer === undefined)
      return new Uint8Array(new ArrayBuffer(steps * STEP_BYTES), 0, byteLength);
    this.#keptBytes -= buffer.byteLength;
    return new Uint8Array(buffer, 0, byteLength).fill(0);
  }

  /** Takes back what was taken, once: nobody reads or writes it any more. */
  giveBack({ buffer }: Uint8Array): void {
    const steps = buffer.byteLength / STEP_BYTES;
    if (!Number.isInteger(steps) || steps === 0 || buffer.byteLength > MAX_SHARED_BYTES) return;
    if (this.#keptBytes + buffer.byteLength > MAX_KEPT_BYTES) return;
    this.#keptBytes += buffer.byteLength;
    (this.#free[steps] ??= []).push(buffer as ArrayBuffer);
  }
}
