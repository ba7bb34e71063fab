import {
  chmodSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { newestMetaOf, usedPagesOf } from "../damage/lmdbFile.ts";
import { DAMAGED_LOG, everywhere, unreadable, type BadFile } from "./BadFile.ts";
import { replace, special, swap, type ForeignKind, type Place } from "./place.ts";

const PAGE_BYTES = 4_096;
const VERSION_AT = 28;
const FUTURE_VERSION = 3;

/** What can be wrong with data.mdb as a whole. */
export const badLogs: readonly BadFile[] = [
  log("missing", (path) => rmSync(path)),
  log("empty", (path) => truncateSync(path)),
  log("of 100 bytes", (path) => truncateSync(path, 100)),
  log("of one page", (path) => truncateSync(path, PAGE_BYTES)),
  log("of two pages", (path) => truncateSync(path, 2 * PAGE_BYTES)),
  log("cut in half", (path) => truncateSync(path, usedBytesOf(path) / 2)),
  log("cut before its root page", (path) => {
    const root = newestMetaOf(readFileSync(path)).root;
    truncateSync(path, root * PAGE_BYTES);
  }),
  log("all zeros", (path) => replace(path, Buffer.alloc(statSync(path).size))),
  log("a text", (path) => replace(path, "This was a log once.\n".repeat(2_000))),
  log("noise", (path) => replace(path, noise(300_000))),
  log("noise behind two good meta pages", (path) => {
    const metas = readFileSync(path).subarray(0, 2 * PAGE_BYTES);
    replace(path, Buffer.concat([metas, noise(300_000)]));
  }),
  log("a folder", (path) => special(path, "folder")),
  log("a fifo", (path) => special(path, "fifo")),
  log("a socket", (path) => special(path, "socket")),
  log("a symbolic link to itself moved away", (path, { directory }) => {
    const away = join(directory, "..", `${process.pid}.moved`);
    renameSync(path, away);
    symlinkSync(away, path);
  }),
  log("a symbolic link to nothing", (path) => {
    rmSync(path);
    symlinkSync("/nonexistent/data.mdb", path);
  }),
  foreign("of somebody else's LMDB", "plain"),
  foreign("of LMDB with other pages", "pages"),
  foreign("of LMDB with named databases", "databases"),
  foreign("encrypted by LMDB", "encrypted"),
  log("of a future version of LMDB", (path) => {
    const bytes = readFileSync(path);
    for (const at of [0, PAGE_BYTES]) bytes.writeUInt32LE(FUTURE_VERSION, at + VERSION_AT);
    replace(path, bytes);
  }),
  log("that of the older run", (path, { bystanderFolder }) =>
    replace(path, readFileSync(join(bystanderFolder, "data.mdb"))),
  ),
  {
    ...log("exchanged with that of the older run", (path, { bystanderFolder }) =>
      swap(path, join(bystanderFolder, "data.mdb")),
    ),
    ...withBystander(["found"]),
  },
  log("an older copy", (path, { template }) => replace(path, template.olderFiles[1] ?? "")),
  log("its first copy", (path, { template }) => replace(path, template.olderFiles[0] ?? "")),
  log("without its newest meta page", (path) => {
    const bytes = readFileSync(path);
    const { at } = newestMetaOf(bytes);
    replace(path, bytes.fill(0, at, at + PAGE_BYTES));
  }),
  {
    ...log("that nobody may read", (path) => chmodSync(path, 0)),
    ...everywhere({
      ...unreadable(["TIDEMARK_BACKEND"]),
      list: ["right", "problem"],
      open: ["untouched"],
    }),
    isOfModes: true,
  },
];

function log(name: string, spoil: (path: string, place: Place) => void): BadFile {
  return {
    name: `data.mdb ${name}`,
    spoil: (place) => spoil(join(place.folder, "data.mdb"), place),
    ...DAMAGED_LOG,
  };
}

function foreign(name: string, kind: ForeignKind): BadFile {
  return log(name, (path, place) => replace(path, place.foreign(kind)));
}

/** The other run is damaged too. */
function withBystander(said: readonly string[]): Pick<BadFile, "sealed" | "crashed"> {
  const { sealed, crashed } = DAMAGED_LOG;
  return {
    sealed: { ...sealed, bystander: said },
    crashed: { ...crashed, bystander: said },
  };
}

function usedBytesOf(path: string): number {
  return usedPagesOf(readFileSync(path)) * PAGE_BYTES;
}

function noise(length: number): Buffer {
  let state = 88_172_645;
  return Buffer.from(
    Array.from({ length }, () => {
      state = Math.imul(state, 1_664_525) + 1_013_904_223;
      return state >>> 24;
    }),
  );
}
