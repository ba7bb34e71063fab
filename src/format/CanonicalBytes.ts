import { UUID_BYTES } from "./frameLayout.ts";
import { TWO_32 } from "./uint64.ts";

/** What the canonical bytes of an entry start with: the hash can never stand for something else. */
export const DOMAIN_TAG: Uint8Array = Buffer.from("nautilus-event-store/entry/v1", "latin1");
/** Up to here a view takes longer to make than the bytes to copy one by one. */
const LOOPED_BYTES = 32;
/** Everything but texts, payload and ids: tag, seq, two times, three lengths, two headers without. */
const FIXED_BYTES = DOMAIN_TAG.length + 6 * 8 + 2;

/** What an entry takes whose texts and payload have so many bytes together, and that has so many ids. */
export function canonicalLengthOf(variableBytes: number, ids: number): number {
  return FIXED_BYTES + variableBytes + ids * UUID_BYTES;
}

/** The room that it takes to write an entry whose texts and payload have so many bytes together. */
export function canonicalRoomOf(variableBytes: number): number {
  return canonicalLengthOf(variableBytes, 2);
}

/**
 * The bytes that an entry's hash is taken over, written field by field in the order of
 * docs/format.md, all numbers big-endian, into memory that is given. One instance serves any number
 * of entries, one after the other, and allocates nothing.
 */
export class CanonicalBytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #end = 0;

  /** @param bytes - whoever starts an entry has made sure that there is room for it. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    bytes.set(DOMAIN_TAG);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#end;
  }

  /** Begins the next entry. */
  start(): void {
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

  /** A text or the payload: its length in 8 bytes, then its bytes. */
  sized(source: Uint8Array, start: number, length: number): void {
    this.#uint64(0, length);
    if (length > LOOPED_BYTES) {
      this.bytes.set(source.subarray(start, start + length), this.#end);
      this.#end += length;
    } else this.#copy(source, start, length);
  }

  /** A header: a zero, or a one and the 16 bytes of the UUID. */
  uuid(source: Uint8Array | undefined, at: number): void {
    if (source === undefined) {
      this.bytes[this.#end++] = 0;
      return;
    }
    this.bytes[this.#end++] = 1;
    this.#copy(source, at, UUID_BYTES);
  }

  #copy(source: Uint8Array, start: number, length: number): void {
    for (let index = 0; index < length; index++) {
      this.bytes[this.#end++] = source[start + index] as number;
    }
  }

  #uint64(high: number, low: number): void {
    this.#view.setUint32(this.#end, high);
    this.#view.setUint32(this.#end + 4, low);
    this.#end += 8;
  }
}
