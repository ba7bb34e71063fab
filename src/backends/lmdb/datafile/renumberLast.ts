import { closeSync, constants, fsyncSync, openSync, writeSync } from "node:fs";
import { inFile } from "./inFile.ts";
import { AT_TXNID, type Meta } from "./metas.ts";
import { PageFile } from "./PageFile.ts";
import { unnumberedState } from "./unnumberedState.ts";

const WRITE_FLAGS = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

/**
 * Gives the last transaction of a folder's data.mdb its number back, where it has lost it, and forces
 * it to disk. The caller holds the lease, and LMDB has not opened the file.
 *
 * @throws {@link CorruptedError} for what is no file of LMDB, or the error of the file system.
 */
export function renumberLast(folder: string): void {
  const file = PageFile.open(folder);
  try {
    const state = inFile(file.path, () => resultOf(unnumberedState(file)));
    if (state !== undefined) writeNumber(file, state);
  } finally {
    file.close();
  }
}

/** What comes of slices that are done in one turn. */
function resultOf<Result>(slices: Generator<undefined, Result>): Result {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

function writeNumber({ path, pageBytes }: PageFile, { pageNumber, txnid }: Meta): void {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(txnid));
  const file = openSync(path, WRITE_FLAGS);
  try {
    // Less than a sector: a disk writes all of it or nothing.
    writeSync(file, number, 0, number.length, pageNumber * pageBytes + AT_TXNID);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
