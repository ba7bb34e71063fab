import { resultOf } from "./checkState.ts";
import { inFile } from "./inFile.ts";
import { PageFile } from "./PageFile.ts";
import { unnumberedState } from "./unnumberedState.ts";
import { writeState } from "./writeState.ts";

/**
 * Gives the last transaction of a folder's data.mdb its number back, where it has lost it. The caller
 * holds the lease, and LMDB has not opened the file; nothing is forced to disk yet.
 *
 * @throws {@link CorruptedError} for what is no file of LMDB, or the error of the file system.
 */
export function renumberLast(folder: string): void {
  PageFile.use(folder, (file) => {
    const state = inFile(file.path, () => resultOf(unnumberedState(file)));
    if (state !== undefined) writeState(file, state, state.txnid);
  });
}
