import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  DAMAGED_LOG,
  everywhere,
  HARMLESS,
  NO_RUN,
  unknownRun,
  unreadable,
  type BadFile,
} from "./BadFile.ts";
import { replace, special, type Place } from "./place.ts";

/** Who opens or lists a path that cannot be a catalog's is told that it cannot. */
const NO_DIRECTORY = nothingWorks("TIDEMARK_NOT_FOUND", "TIDEMARK_INVALID_CONFIG");
const NO_INSTANCE = nothingWorks("TIDEMARK_NOT_FOUND", "TIDEMARK_CORRUPTED");
/** The end of the log is vouched for by nothing any more. */
const NOTED = ["found"];
const GONE = everywhere({
  ...unreadable(["TIDEMARK_NOT_FOUND"]),
  list: ["nothing"],
  bystander: ["TIDEMARK_NOT_FOUND"],
  open: ["untouched"],
});
const REFUSED = nothingWorks("TIDEMARK_BACKEND", "TIDEMARK_BACKEND");

/** What can be wrong with the files and folders around a log. */
export const badSurroundings: readonly BadFile[] = [
  lock("missing", (path) => rmSync(path, { force: true })),
  // To the end of the file, where the last sync is noted.
  lock("garbage", (path) => replace(path, "garbage".repeat(5_300))),
  lock("empty", (path) => replace(path, "")),
  lock("a folder", (path) => special(path, "folder")),
  lock("a fifo", (path) => special(path, "fifo")),
  lock("a symbolic link to nothing", (path) => {
    rmSync(path, { force: true });
    symlinkSync("/nonexistent/lock.mdb", path);
  }),
  ...["missing", "empty", "garbage", "cut in its last line", "a folder", "a fifo"].map(checkpoints),
  run("of its creation: an empty folder", NO_RUN, ({ folder }) => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }),
  run("of its creation: without a manifest, with its draft", NO_RUN, ({ folder }) =>
    renameSync(join(folder, "manifest.json"), join(folder, "manifest.json.tmp")),
  ),
  run("with drafts of files", HARMLESS, ({ folder }) => {
    for (const name of ["manifest.json.tmp", "room.tmp"]) writeFileSync(join(folder, name), "{");
  }),
  run("with files of others", HARMLESS, ({ folder }) => {
    writeFileSync(join(folder, "notes.txt"), "Do not delete!");
    mkdirSync(join(folder, "backup"));
  }),
  run("with a reserve that is a folder", HARMLESS, ({ folder }) =>
    special(join(folder, "reserve"), "folder"),
  ),
  run("with a reserve of no bytes", HARMLESS, ({ folder }) => replace(join(folder, "reserve"), "")),
  run("a symbolic link", unknownRun("TIDEMARK_CORRUPTED"), ({ folder, directory }) => {
    const away = join(directory, "moved");
    renameSync(folder, away);
    symlinkSync(away, folder);
  }),
  run("a file", NO_RUN, ({ folder }) => replace(folder, "a file")),
  run("on its way out", NO_RUN, ({ folder, instanceFolder, template }) =>
    renameSync(folder, join(instanceFolder, `.removed-${template.victim.runId}`)),
  ),
  run("with badly named neighbours", HARMLESS, ({ instanceFolder, folder }) => {
    for (const name of ["a b", "..x", ".hidden", "-dash", "x".repeat(200)]) {
      cpSync(folder, join(instanceFolder, name), { recursive: true });
    }
  }),
  run("copied under another name", HARMLESS, ({ instanceFolder, folder }) =>
    cpSync(folder, join(instanceFolder, "1900000000000000000-00000000"), { recursive: true }),
  ),
  run("made to look like another one", DAMAGED_LOG, ({ folder, bystanderFolder }) => {
    cpSync(join(bystanderFolder, "data.mdb"), join(folder, "data.mdb"));
    cpSync(join(bystanderFolder, "checkpoints.log"), join(folder, "checkpoints.log"));
  }),
  run(
    "that nobody may enter",
    unknownRun("TIDEMARK_BACKEND"),
    ({ folder }) => chmodSync(folder, 0),
    {
      isOfModes: true,
    },
  ),
  instance("a file", NO_INSTANCE, ({ instanceFolder }) => replace(instanceFolder, "a file")),
  instance("a symbolic link", NO_INSTANCE, ({ instanceFolder, directory }) => {
    const away = `${directory} moved`;
    renameSync(instanceFolder, away);
    symlinkSync(away, instanceFolder);
  }),
  instance("gone", GONE, ({ instanceFolder }) => rmSync(instanceFolder, { recursive: true })),
  instance("that nobody may enter", REFUSED, ({ instanceFolder }) => chmodSync(instanceFolder, 0), {
    isOfModes: true,
  }),
  {
    name: "the directory a file",
    spoil: ({ directory }) => replace(directory, "a file"),
    ...NO_DIRECTORY,
  },
];

function lock(name: string, spoil: (path: string) => void): BadFile {
  const spoilLock = ({ folder }: Place): void => spoil(join(folder, "lock.mdb"));
  return { name: `lock.mdb ${name}`, spoil: spoilLock, ...HARMLESS };
}

/** The log itself is whole; only a verification says that nothing vouches for its end. */
function checkpoints(name: string): BadFile {
  const found = { verify: NOTED, "recovered verify": NOTED };
  const said = name === "cut in its last line" ? {} : found;
  return {
    name: `checkpoints.log ${name}`,
    spoil: ({ folder }) => spoilCheckpoints(join(folder, "checkpoints.log"), name),
    sealed: { ...HARMLESS.sealed, ...said },
    crashed: { ...HARMLESS.crashed, ...said },
  };
}

function spoilCheckpoints(path: string, name: string): void {
  if (name === "missing") rmSync(path, { force: true });
  else if (name === "empty") replace(path, "");
  else if (name === "garbage") replace(path, "garbage\n".repeat(500));
  else if (name === "a folder") special(path, "folder");
  else if (name === "a fifo") special(path, "fifo");
  else if (existsSync(path)) appendFileSync(path, "330 1 0123");
}

function run(
  name: string,
  expected: Pick<BadFile, "sealed" | "crashed">,
  spoil: (place: Place) => void,
  more: Pick<BadFile, "isOfModes"> = {},
): BadFile {
  return { name: `the run's folder ${name}`, spoil, ...expected, ...more };
}

function instance(
  name: string,
  expected: Pick<BadFile, "sealed" | "crashed">,
  spoil: (place: Place) => void,
  more: Pick<BadFile, "isOfModes"> = {},
): BadFile {
  return { name: `the instance's folder ${name}`, spoil, ...expected, ...more };
}

/** The path of everything is bad: who asks for a run is told one thing, who opens the other. */
function nothingWorks(asked: string, opened: string): Pick<BadFile, "sealed" | "crashed"> {
  const codes = [asked, opened];
  return everywhere({
    ...unreadable(codes),
    list: ["nothing", ...codes],
    bystander: codes,
    open: [opened],
  });
}
