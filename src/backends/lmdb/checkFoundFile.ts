import { checkDataFileSync } from "./datafile/checkDataFile.ts";
import { renumberLast } from "./datafile/renumberLast.ts";
import { settleLast } from "./settleLast.ts";

/**
 * Makes the file of a log that was found such that LMDB can open it, and checks all of it. The caller
 * holds the lease, and forces to disk what is there then before anything else is written.
 *
 * @throws {@link CorruptedError} where it is damaged, or the error of the file system.
 */
export function checkFoundFile(folder: string): void {
  renumberLast(folder);
  settleLast(folder);
  checkDataFileSync(folder, "full");
}
