import type { IndexKey, Seq } from "../model/entry.ts";
import * as layout from "./frameLayout.ts";
import type { OpenHead } from "./OpenHead.ts";
import { textAt } from "./text.ts";

const NO_KEYS: readonly IndexKey[] = Object.freeze([]);

/** Goes through the index keys of a frame in the order of its entries. */
export class IndexKeyCursor {
  readonly #frame: OpenHead;
  #at: number;
  #left: number;

  constructor(frame: OpenHead) {
    this.#frame = frame;
    this.#at = frame.indexKeysAt;
    this.#left = frame.header.indexKeyCount;
  }

  /**
   * The keys of an entry; those of earlier ones are passed over for good.
   *
   * @throws {@link CorruptedError} for text that is not UTF-8.
   */
  keysOf(seq: Seq): readonly IndexKey[] {
    const entry = seq - this.#frame.header.fromSeq;
    while (this.#left > 0 && this.#entry < entry) this.#pass();
    if (this.#left === 0 || this.#entry > entry) return NO_KEYS;
    const keys: IndexKey[] = [];
    while (this.#left > 0 && this.#entry === entry) {
      keys.push(this.#key());
      this.#pass();
    }
    return keys;
  }

  /** The entry of the next key, counted from the start of the frame. */
  get #entry(): number {
    return this.#frame.view.getUint16(this.#at + layout.AT_KEY_ENTRY, true);
  }

  #key(): IndexKey {
    const { view, buffer, indexKinds } = this.#frame;
    const keyAt = this.#at + layout.KEY_HEADER_BYTES;
    const kind = indexKinds.textOf(view.getUint32(this.#at + layout.AT_KEY_KIND_ID, true));
    return { kind, key: textAt(buffer, keyAt, keyAt + this.#keyBytes) };
  }

  #pass(): void {
    this.#at += layout.KEY_HEADER_BYTES + this.#keyBytes;
    this.#left--;
  }

  get #keyBytes(): number {
    return this.#frame.view.getUint16(this.#at + layout.AT_KEY_BYTES, true);
  }
}
