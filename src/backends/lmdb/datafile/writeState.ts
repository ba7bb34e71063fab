import { closeSync, openSync } from "node:fs";
import { WRITE_FLAGS } from "../openFlags.ts";
import type { PageSpan } from "./freePages.ts";
import { AT_FREE_TREE, AT_TXNID, META_PAGES, NUMBER_BYTES, type Meta } from "./metas.ts";
import type { FilePiece, PageFile } from "./PageFile.ts";
import { writeWhole } from "./writeWhole.ts";

const STATE_BYTES = AT_TXNID + NUMBER_BYTES - AT_FREE_TREE;

/**
 * Makes a state that is in a file that of a transaction: its meta page gets the trees, the last page
 * and the number. Nothing is forced to disk: until then the page may be as it was, or so.
 *
 * @throws the error of the file system.
 */
export function writeState(file: PageFile, { bytes }: Meta, txnid: number): void {
  const page = Buffer.from(bytes);
  page.writeBigUInt64LE(BigInt(txnid), AT_TXNID);
  const at = (txnid % META_PAGES) * file.pageBytes + AT_FREE_TREE;
  // Within a sector: a disk writes all of it or nothing.
  const state = page.subarray(AT_FREE_TREE, AT_FREE_TREE + STATE_BYTES);
  writeTo(file, [{ at, bytes: state }]);
}

/** Writes pages as they are once more; forces nothing to disk. @throws as {@link writeState}. */
export function rewrite(file: PageFile, spans: Iterable<PageSpan>): void {
  writeTo(file, piecesOf(file, spans));
}

function* piecesOf(file: PageFile, spans: Iterable<PageSpan>): Generator<FilePiece, void> {
  for (const span of spans) yield* file.readSpan(span);
}

function writeTo({ path }: PageFile, pieces: Iterable<FilePiece>): void {
  const file = openSync(path, WRITE_FLAGS);
  try {
    for (const { at, bytes } of pieces) writeWhole(file, bytes, at);
  } finally {
    closeSync(file);
  }
}
