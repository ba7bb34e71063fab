import { setImmediate } from "node:timers/promises";
import { checkOlderMeta } from "./checkOlderMeta.ts";
import { lastKeyOf } from "./Cursor.ts";
import { FullCheck } from "./FullCheck.ts";
import { slicesInFile } from "./inFile.ts";
import { PageFile } from "./PageFile.ts";
import { Snapshots, type IsDurable } from "./Snapshots.ts";

/** How much of a file is checked: everything reachable, or what leads to the end of its rows. */
export type CheckExtent = "full" | "edges";

/**
 * Checks the structure of a folder's data.mdb without LMDB, which a damaged file can bring to end
 * the process: both meta pages, and every page that the newer one leads to. What rows hold is not
 * looked at. With `edges` it is the way from the root to the last row alone, unless the meta pages raise
 * a suspicion.
 *
 * The file may be written meanwhile, by whomever. Pages that are used twice or not at all, and sums,
 * are then left alone, for they can be told of one snapshot only.
 *
 * The event loop gets its turn every few milliseconds.
 *
 * @param isDurable - as `Snapshots` takes it
 * @throws {@link CorruptedError}, {@link BackendError} where the file is written faster than it can
 * be read, or the error of the file system.
 */
export async function checkDataFile(
  folder: string,
  extent: CheckExtent,
  isDurable?: IsDurable,
): Promise<void> {
  for (const _ of check(folder, extent, isDurable)) await setImmediate();
}

/** Does what {@link checkDataFile} does in one turn, with whatever can be seen. */
export function checkDataFileSync(folder: string, extent: CheckExtent): void {
  const slices = check(folder, extent);
  while (slices.next().done !== true);
}

/** The check in slices: what comes after one can wait. */
function* check(
  folder: string,
  extent: CheckExtent,
  isDurable?: IsDurable,
): Generator<undefined, void> {
  const file = PageFile.open(folder);
  try {
    const snapshots = new Snapshots(file, isDurable === undefined ? {} : { isDurable });
    snapshots.look((snapshot) => lastKeyOf(snapshot, "main"));
    yield* slicesInFile(file.path, checkOlderMeta(file));
    if (extent === "full") yield* new FullCheck(file, snapshots).slices();
  } finally {
    file.close();
  }
}
