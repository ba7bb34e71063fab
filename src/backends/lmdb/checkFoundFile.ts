import { checkDataFileSync } from "./datafile/checkDataFile.ts";
import { renumberLast } from "./datafile/renumberLast.ts";
import { settleLast } from "./settleLast.ts";

/** A file that was found and checked. */
export interface CheckedFile {
  /** Of the last transaction; absent where it is known to be on the disk, or was not checked alone. */
  readonly lastDigest: string | undefined;
}

/**
 * Makes the file of a log that was found such that LMDB can open it, and checks all of it. The caller
 * holds the lease, and forces to disk what is there then before anything else is written.
 *
 * @throws {@link CorruptedError} where it is damaged, or the error of the file system.
 */
export function checkFoundFile(folder: string): CheckedFile {
  renumberLast(folder);
  const lastDigest = settleLast(folder);
  checkDataFileSync(folder, "full");
  return { lastDigest };
}
