import type { SnapshotAnchor } from "../../model/manifest.ts";
import { valueUnder } from "./absence.ts";
import { decodeAnchor } from "./anchorRow.ts";
import { checkDataFileSync } from "./datafile/checkDataFile.ts";
import { PageFile } from "./datafile/PageFile.ts";
import type { Snapshot } from "./datafile/Snapshot.ts";
import { Snapshots } from "./datafile/Snapshots.ts";
import { ANCHOR_KEY, RUN_KEY } from "./keys.ts";
import { checkRunRow } from "./ownerRows.ts";

/** The last snapshot anchor in a state of a log. @throws {@link CorruptedError} */
export function anchorIn(snapshot: Snapshot): SnapshotAnchor | undefined {
  const row = valueUnder(snapshot, ANCHOR_KEY);
  return row === undefined ? undefined : decodeAnchor(row);
}

/**
 * The last snapshot anchor of a sealed run, whose entries are not looked at.
 *
 * @throws {@link CorruptedError} also where the file is that of another run, has lost pages that are in
 * use, or its structure is damaged on the way to the last row; or the error of the file system.
 */
export function storedAnchor(folder: string, runId: string): SnapshotAnchor | undefined {
  // A file may end before its last page only where the rest is free, which takes a full check to tell.
  checkDataFileSync(folder, PageFile.use(folder, endsEarly) ? "full" : "edges");
  return PageFile.use(folder, (file) =>
    new Snapshots(file).look((snapshot) => {
      checkRunRow(snapshot.get(RUN_KEY), runId);
      return anchorIn(snapshot);
    }),
  );
}

/** Whether the file is shorter than the last page that was ever used. */
function endsEarly(file: PageFile): boolean {
  const lastPage = new Snapshots(file).look(({ meta }) => meta.lastPage);
  return file.pageCount() <= lastPage;
}
