import { hashInto } from "blake3-jit";
import { CanonicalBytes, canonicalRoomOf } from "./CanonicalBytes.ts";
import { HASH_BYTES } from "./frameLayout.ts";

/** Scratch space that is kept; what needs more gets its own and leaves it to the collector. */
const KEPT_BYTES = 256 * 1024;
const FIRST_BYTES = 4 * 1024;
/** Up to here views are kept. */
const VIEWED_BYTES = 2 * 1024;

/**
 * The hash of one entry at a time, whatever its size. One instance serves any number of entries, and
 * allocates nothing while they fit its scratch space.
 */
export class SingleHash {
  #canonical = new CanonicalBytes(new Uint8Array(FIRST_BYTES));
  /** Views of the scratch space by their length: to make one takes as long as to copy a payload. */
  #views: Uint8Array[] = [];
  /** The last hash. */
  readonly bytes: Uint8Array = new Uint8Array(HASH_BYTES);
  readonly view: DataView = new DataView(this.bytes.buffer);

  /** Begins the next entry, whose texts and payload have so many bytes together. */
  start(variableBytes: number): CanonicalBytes {
    const room = canonicalRoomOf(variableBytes);
    const capacity = this.#canonical.bytes.length;
    if (room > capacity || capacity > KEPT_BYTES) {
      this.#canonical = new CanonicalBytes(new Uint8Array(Math.max(room, KEPT_BYTES)));
      this.#views = [];
    }
    this.#canonical.start();
    return this.#canonical;
  }

  /** Takes the BLAKE3 of what was written, of which nothing but the scratch space is kept. */
  finish(): void {
    const { bytes, length } = this.#canonical;
    if (length > VIEWED_BYTES) hashInto(bytes.subarray(0, length), this.bytes);
    else hashInto((this.#views[length] ??= bytes.subarray(0, length)), this.bytes);
  }
}
