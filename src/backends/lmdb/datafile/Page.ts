import { readSafeUint64, TWO_32 } from "../../../format/uint64.ts";
import type { CorruptedError } from "../../../model/errors.ts";
import { damagedPage } from "./damagedPage.ts";
import { areKeysInOrder, areNodesInPlace } from "./checkNodes.ts";
import { compareBytes, compareUint64, type KeyOrder } from "./keyOrder.ts";
import { decodeOverflow, MAX_VALUE_BYTES, type Overflow } from "./overflow.ts";
import * as layout from "./pageLayout.ts";

/**
 * A branch or leaf page of a tree. Everything that one page can tell is checked when it is made:
 * nodes lie on it without gap or overlap, and their keys are in order. So nothing that it gives later
 * can lead out of its bytes.
 */
export class Page {
  readonly pageNumber: number;
  readonly txnid: number;
  readonly isLeaf: boolean;
  /** Rows of a leaf, children of a branch; at least one. */
  readonly count: number;
  /** In which its keys were found to be. */
  readonly order: KeyOrder;
  readonly #bytes: Buffer;
  readonly #view: DataView;

  /** @throws {@link CorruptedError} */
  constructor(bytes: Buffer, pageNumber: number, order: KeyOrder) {
    this.pageNumber = pageNumber;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.order = order;
    this.isLeaf = layout.isLeaf(this.#view);
    const isItself = readSafeUint64(this.#view, layout.AT_PAGE_NUMBER) === pageNumber;
    const isBranch = this.#view.getUint16(layout.AT_FLAGS, true) === layout.BRANCH_FLAG;
    if (!isItself || !(this.isLeaf || isBranch)) {
      throw this.#damaged("is no page of a tree");
    }
    this.txnid = readSafeUint64(this.#view, layout.AT_TXNID) ?? Number.POSITIVE_INFINITY;
    this.count = layout.nodeCount(this.#view);
    if (!areNodesInPlace(this.#view)) throw this.#damaged("has nodes out of place");
    if (!areKeysInOrder(this.#view, order)) throw this.#damaged("has keys out of order");
  }

  /** A key, as it stands on the page. The first of a branch has no meaning. */
  keyAt(index: number): Uint8Array {
    const at = this.#keyStart(index);
    return this.#bytes.subarray(at, at + this.#keyBytes(index));
  }

  /** The page that a branch leads to. */
  childAt(index: number): number {
    const node = this.#nodeAt(index);
    return (
      this.#view.getUint16(node + layout.AT_NODE_FLAGS, true) * TWO_32 +
      this.#view.getUint32(node + layout.AT_LENGTH, true)
    );
  }

  /** A copy of the value of a row that is on this page. */
  inlineValueAt(index: number): Uint8Array {
    const start = this.#keyStart(index) + this.#keyBytes(index);
    const end = start + this.#view.getUint32(this.#nodeAt(index) + layout.AT_LENGTH, true);
    return new Uint8Array(this.#bytes.subarray(start, end));
  }

  /**
   * Where the value of a row is, or undefined where it is on this page.
   *
   * @throws {@link CorruptedError} where so many pages cannot hold it.
   */
  overflowAt(index: number): Overflow | undefined {
    const node = this.#nodeAt(index);
    const flags = this.#view.getUint16(node + layout.AT_NODE_FLAGS, true);
    if (flags !== layout.IS_OVERFLOW) return undefined;
    const at = this.#keyStart(index) + this.#keyBytes(index);
    const byteLength = this.#view.getUint32(node + layout.AT_LENGTH, true);
    const overflow = decodeOverflow(this.#view, at, byteLength);
    const room = overflow.pageCount * this.#bytes.length - layout.PAGE_HEADER_BYTES;
    const isPossible = byteLength <= Math.min(room, MAX_VALUE_BYTES);
    if (!isPossible || overflow.txnid > this.txnid) {
      throw this.#damaged("has a row whose value cannot be where it says");
    }
    return overflow;
  }

  /** The index of the child that holds a key, if any does. */
  childFor(key: Uint8Array): number {
    const index = this.lowerBound(key);
    const isFirst = index < this.count && this.#compare(index, key) === 0;
    return isFirst ? index : index - 1;
  }

  /** The first index whose key is not below a key, `count` where there is none. */
  lowerBound(key: Uint8Array): number {
    let [from, to] = [layout.firstKeyed(this.#view), this.count];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#compare(middle, key) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Checks that all keys are in the range that a parent gives to this page. */
  checkRange(from: Uint8Array | undefined, below: Uint8Array | undefined): void {
    const first = layout.firstKeyed(this.#view);
    const isInside =
      (from === undefined || this.#compare(first, from) >= 0) &&
      (below === undefined || this.#compare(this.count - 1, below) < 0);
    if (!isInside) throw this.#damaged("has keys that belong elsewhere");
  }

  /** Compares a key of the page with another one. A search does so often, and makes no objects. */
  #compare(index: number, key: Uint8Array): number {
    const at = this.#keyStart(index);
    return this.order === "uint64"
      ? compareUint64(this.#bytes, key, at)
      : compareBytes(this.#bytes, key, at, at + this.#keyBytes(index));
  }

  #nodeAt(index: number): number {
    return layout.nodeAt(this.#view, index);
  }

  #keyStart(index: number): number {
    return this.#nodeAt(index) + layout.NODE_HEADER_BYTES;
  }

  #keyBytes(index: number): number {
    return this.#view.getUint16(this.#nodeAt(index) + layout.AT_KEY_BYTES, true);
  }

  #damaged(what: string): CorruptedError {
    return damagedPage(this.pageNumber, what);
  }
}
