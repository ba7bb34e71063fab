import type { SnapshotAnchor } from "../../model/manifest.ts";
import { valueUnder } from "./absence.ts";
import { decodeAnchor } from "./anchorRow.ts";
import { PageFile } from "./datafile/PageFile.ts";
import type { Snapshot } from "./datafile/Snapshot.ts";
import { Snapshots } from "./datafile/Snapshots.ts";
import { ANCHOR_KEY } from "./keys.ts";

/** The last snapshot anchor in a state of a log. @throws {@link CorruptedError} */
export function anchorIn(snapshot: Snapshot): SnapshotAnchor | undefined {
  const row = valueUnder(snapshot, ANCHOR_KEY);
  return row === undefined ? undefined : decodeAnchor(row);
}

/**
 * The last snapshot anchor of a sealed run, of whose log nothing else is looked at.
 *
 * @throws {@link CorruptedError}, or the error of the file system.
 */
export function storedAnchor(folder: string): SnapshotAnchor | undefined {
  const file = PageFile.open(folder);
  try {
    return new Snapshots(file).look(anchorIn);
  } finally {
    file.close();
  }
}
