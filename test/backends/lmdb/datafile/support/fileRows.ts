import { PageFile } from "../../../../../src/backends/lmdb/datafile/PageFile.ts";
import type { Snapshot } from "../../../../../src/backends/lmdb/datafile/Snapshot.ts";
import { Snapshots } from "../../../../../src/backends/lmdb/datafile/Snapshots.ts";
import { FIRST, LAST, textOf, type TextRow } from "./nativeTree.ts";

/** What a look at the file of a folder gives. */
export function lookAt<Result>(folder: string, look: (snapshot: Snapshot) => Result): Result {
  const file = PageFile.open(folder);
  try {
    return new Snapshots(file).look(look);
  } finally {
    file.close();
  }
}

/** All rows of the file of a folder. */
export function rowsIn(folder: string): readonly TextRow[] {
  return lookAt(folder, (snapshot) =>
    Array.from(snapshot.getRange({ start: FIRST, end: LAST }), textOf),
  );
}
