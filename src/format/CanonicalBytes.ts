import { hashInto } from "blake3-jit";
import { HASH_BYTES, UUID_BYTES } from "./frameLayout.ts";
import { TWO_32 } from "./uint64.ts";

/** What the canonical bytes of an entry start with: the hash can never stand for something else. */
const DOMAIN_TAG = Buffer.from("nautilus-event-store/entry/v1", "latin1");
/** Scratch space that is kept; what needs more gets its own and leaves it to the collector. */
const KEPT_BYTES = 256 * 1024;
const FIRST_BYTES = 4 * 1024;
/** Up to here views are kept. */
const VIEWED_BYTES = 2 * 1024;

/**
 * The bytes that an entry's hash is taken over, written field by field in the order of
 * docs/format.md, all numbers big-endian. One instance serves any number of entries, one after the
 * other, and allocates nothing while they fit its scratch space.
 */
export class CanonicalBytes {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  /** Views of the scratch space by their length: to make one takes as long as to copy a payload. */
  #views: Uint8Array[] = [];
  #end = 0;
  /** The texts that were written last, and where they end. */
  #topic: Uint8Array | undefined;
  #payloadType: Uint8Array | undefined;
  #textsEnd = 0;
  readonly #hash = new Uint8Array(HASH_BYTES);
  readonly #hashView = new DataView(this.#hash.buffer);

  constructor() {
    this.#bytes.set(DOMAIN_TAG);
  }

  /** Begins the next entry, whose texts and payload have so many bytes together. */
  start(variableBytes: number): void {
    this.#reserve(MAX_FIXED_BYTES + variableBytes);
    this.#end = DOMAIN_TAG.length;
  }

  safeUint64(value: number): void {
    this.#uint64(Math.floor(value / TWO_32), value >>> 0);
  }

  /** A number that is little-endian where it comes from. */
  uint64Of(view: DataView, at: number): void {
    this.#uint64(view.getUint32(at + 4, true), view.getUint32(at, true));
  }

  bigUint64(value: bigint): void {
    this.#view.setBigUint64(this.#end, value);
    this.#end += 8;
  }

  /**
   * Topic and payload type, which come after the three numbers. Most entries have those of the entry
   * before in the same array, and then their bytes are there still.
   */
  texts(topic: Uint8Array, payloadType: Uint8Array): void {
    if (topic !== this.#topic || payloadType !== this.#payloadType) {
      this.sized(topic);
      this.sized(payloadType);
      this.#topic = topic;
      this.#payloadType = payloadType;
      this.#textsEnd = this.#end;
    }
    this.#end = this.#textsEnd;
  }

  /** A text or the payload: its length in 8 bytes, then its bytes. */
  sized(source: Uint8Array): void {
    this.#uint64(0, source.length);
    this.#bytes.set(source, this.#end);
    this.#end += source.length;
  }

  /** A header: a zero, or a one and the 16 bytes of the UUID. */
  uuid(source: Uint8Array | undefined, at: number): void {
    if (source === undefined) {
      this.#bytes[this.#end++] = 0;
      return;
    }
    this.#bytes[this.#end++] = 1;
    for (let index = 0; index < UUID_BYTES; index++) {
      this.#bytes[this.#end++] = source[at + index] as number;
    }
  }

  /** The BLAKE3 of what was written, in 32 bytes that the next entry overwrites. */
  hash(): Uint8Array {
    hashInto(this.#written(), this.#hash);
    return this.#hash;
  }

  /** Whether the BLAKE3 of what was written stands there. */
  hashIsAt(view: DataView, at: number): boolean {
    this.hash();
    let difference = 0;
    for (let byte = 0; byte < HASH_BYTES; byte += 4) {
      difference |= this.#hashView.getUint32(byte) ^ view.getUint32(at + byte);
    }
    return difference === 0;
  }

  /** What was written, as a view that the next entry overwrites. */
  #written(): Uint8Array {
    const end = this.#end;
    if (end > VIEWED_BYTES) return this.#bytes.subarray(0, end);
    return (this.#views[end] ??= this.#bytes.subarray(0, end));
  }

  #uint64(high: number, low: number): void {
    this.#view.setUint32(this.#end, high);
    this.#view.setUint32(this.#end + 4, low);
    this.#end += 8;
  }

  #reserve(bytes: number): void {
    const capacity = this.#bytes.length;
    if (bytes <= capacity && capacity <= KEPT_BYTES) return;
    this.#bytes = new Uint8Array(bytes <= KEPT_BYTES ? KEPT_BYTES : bytes);
    this.#bytes.set(DOMAIN_TAG);
    this.#view = new DataView(this.#bytes.buffer);
    this.#views = [];
    this.#topic = undefined;
  }
}

/** Everything but the texts and the payload: tag, seq, two times, three lengths, two headers. */
const MAX_FIXED_BYTES = DOMAIN_TAG.length + 6 * 8 + 2 * (1 + UUID_BYTES);
