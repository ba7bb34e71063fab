import { readSafeUint64 } from "../../../format/uint64.ts";
import { damagedPage } from "./damagedPage.ts";
import type { KeyOrder } from "./keyOrder.ts";

/** What a meta page says of one of LMDB's trees. */
export interface TreeRecord {
  readonly name: "main" | "free";
  readonly order: KeyOrder;
  /** Levels of pages; 0 in an empty tree. */
  readonly depth: number;
  /** Undefined in an empty tree. */
  readonly root: number | undefined;
  readonly sums: TreeSums;
}

/** How much there is in a tree. */
export interface TreeSums {
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly rows: number;
}

/** How a record of each tree must begin. */
export interface TreeKind extends Pick<TreeRecord, "name" | "order"> {
  readonly flags: number;
  readonly padding: number;
}

export const TREE_RECORD_BYTES = 48;
const AT_PADDING = 0;
const AT_FLAGS = 4;
const AT_DEPTH = 6;
const AT_BRANCH_PAGES = 8;
const AT_LEAF_PAGES = 16;
const AT_OVERFLOW_PAGES = 24;
const AT_ROWS = 32;
const AT_ROOT = 40;

/** The root of an empty tree has all bits set. */
const NO_ROOT = 0xffff_ffff;
/** As deep as a cursor of LMDB can go. */
const MAX_DEPTH = 32;

/**
 * Decodes the record of a tree.
 *
 * @param view - the bytes of the record
 * @param pageNumber - the meta page that they are on
 * @throws {@link CorruptedError}
 */
export function decodeTreeRecord(view: DataView, kind: TreeKind, pageNumber: number): TreeRecord {
  const { name, order, flags, padding } = kind;
  if (view.getUint32(AT_PADDING, true) !== padding || view.getUint16(AT_FLAGS, true) !== flags) {
    throw damagedPage(pageNumber, `has a ${name} tree of another kind`);
  }
  const depth = view.getUint16(AT_DEPTH, true);
  const root = rootAt(view);
  const sums = sumsIn(view);
  const isSane =
    root === undefined
      ? depth === 0 && Object.values(sums).every((sum) => sum === 0)
      : depth > 0 && depth <= MAX_DEPTH && Object.values(sums).every(Number.isSafeInteger);
  if (!isSane) throw damagedPage(pageNumber, `has a ${name} tree with impossible numbers`);
  return { name, order, depth, root, sums };
}

/** Undefined for the root of an empty tree; a number of no page where it is damaged. */
function rootAt(view: DataView): number | undefined {
  const isNone =
    view.getUint32(AT_ROOT, true) === NO_ROOT && view.getUint32(AT_ROOT + 4, true) === NO_ROOT;
  return isNone ? undefined : (readSafeUint64(view, AT_ROOT) ?? 0);
}

function sumsIn(view: DataView): TreeSums {
  const sumAt = (at: number): number => readSafeUint64(view, at) ?? Number.NaN;
  return {
    branchPages: sumAt(AT_BRANCH_PAGES),
    leafPages: sumAt(AT_LEAF_PAGES),
    overflowPages: sumAt(AT_OVERFLOW_PAGES),
    rows: sumAt(AT_ROWS),
  };
}
