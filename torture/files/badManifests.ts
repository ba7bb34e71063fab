import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { NO_RUN, unknownRun, type BadFile } from "./BadFile.ts";
import { edit, replace, special, type Place } from "./place.ts";

const DAMAGED = unknownRun("TIDEMARK_CORRUPTED");

/** What can be wrong with manifest.json. */
export const badManifests: readonly BadFile[] = [
  { ...manifest("missing", (path) => rmSync(path)), ...NO_RUN },
  manifest("empty", (path) => truncateSync(path)),
  manifest("cut short", (path) => truncateSync(path, 50)),
  manifest("all zeros", (path) => replace(path, Buffer.alloc(400))),
  manifest("no JSON", (path) => replace(path, "status = running\n")),
  manifest("no object", (path) => replace(path, "[]\n")),
  manifest("no UTF-8", (path) => replace(path, Buffer.from([0x22, 0xff, 0xfe, 0x22]))),
  manifest("of 2 MiB", (path) => edit(path, (text) => text + " ".repeat(2 ** 21))),
  {
    ...manifest("of another format", (path) =>
      setField(path, '"formatVersion": 1', '"formatVersion": 2'),
    ),
    ...unknownRun("TIDEMARK_UNSUPPORTED_FORMAT"),
  },
  manifest("of another run", (path, { bystanderFolder }) =>
    replace(path, readFileSync(join(bystanderFolder, "manifest.json"))),
  ),
  manifest("of another instance", (path) => setField(path, '"default"', '"elsewhere"')),
  manifest("with a field twice", (path) =>
    edit(path, (text) => text.replace('"status"', '"status": "quarantined",\n  "status"')),
  ),
  manifest("with a field that nobody knows", (path) =>
    edit(path, (text) => text.replace('"status"', '"colour": "red",\n  "status"')),
  ),
  manifest("with another start", (path) =>
    edit(path, (text) => text.replace(/"startTsInit": "\d/, '"startTsInit": "2')),
  ),
  manifest("with another hash of the configuration", (path) =>
    setField(path, '"blake3:2233"', '"blake3:2234"'),
  ),
  manifest("a folder", (path) => special(path, "folder")),
  manifest("a fifo", (path) => special(path, "fifo")),
  manifest("a socket", (path) => special(path, "socket")),
  manifest("a symbolic link", (path) => {
    renameSync(path, `${path}.moved`);
    symlinkSync(`${path}.moved`, path);
  }),
  {
    ...manifest("that nobody may read", (path) => chmodSync(path, 0)),
    ...unknownRun("TIDEMARK_BACKEND"),
    isOfModes: true,
  },
];

function manifest(name: string, spoil: (path: string, place: Place) => void): BadFile {
  return {
    name: `manifest.json ${name}`,
    spoil: (place) => spoil(join(place.folder, "manifest.json"), place),
    ...DAMAGED,
  };
}

function setField(path: string, from: string, to: string): void {
  edit(path, (text) => text.replace(from, to));
}
