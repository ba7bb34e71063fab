import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { folderOf, type Template } from "../damage/template.ts";
import { compiledProgram } from "../support/build.ts";

/** Where a case makes its bad file: a copy of a template, and what it may take from elsewhere. */
export interface Place {
  readonly directory: string;
  readonly instanceFolder: string;
  /** The folder of the run under attack. */
  readonly folder: string;
  readonly bystanderFolder: string;
  readonly template: Template;
  /** Another directory with runs, to take files from. */
  readonly elsewhere: string;
  readonly foreign: (kind: ForeignKind) => Buffer;
}

export type ForeignKind = "plain" | "pages" | "databases" | "encrypted";

export function placeOf(template: Template, directory: string, foreigners: Foreigners): Place {
  const folder = folderOf(directory, template.victim);
  return {
    directory,
    instanceFolder: dirname(folder),
    folder,
    bystanderFolder: folderOf(directory, template.bystander),
    template,
    elsewhere: template.directory,
    foreign: (kind) => foreigners.fileOf(kind),
  };
}

/** Environments that others made with LMDB, each made once. */
export class Foreigners {
  readonly #folder: string;
  readonly #files = new Map<ForeignKind, Buffer>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  fileOf(kind: ForeignKind): Buffer {
    const known = this.#files.get(kind);
    if (known !== undefined) return known;
    const folder = join(this.#folder, kind);
    mkdirSync(folder);
    execFileSync(process.execPath, [compiledProgram("foreign"), folder, kind]);
    const file = readFileSync(join(folder, "data.mdb"));
    this.#files.set(kind, file);
    return file;
  }
}

/** Puts something else where a file was. */
export function replace(path: string, content: Uint8Array | string): void {
  rmSync(path, { recursive: true, force: true });
  writeFileSync(path, content, { mode: 0o600 });
}

export function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`Nothing was changed in ${path}`);
  writeFileSync(path, after);
}

export function swap(one: string, other: string): void {
  const draft = `${one}.draft`;
  copyFileSync(one, draft);
  copyFileSync(other, one);
  copyFileSync(draft, other);
  rmSync(draft);
}

/** Something that has a name and no bytes of its own. */
export function special(path: string, kind: "folder" | "fifo" | "socket"): void {
  rmSync(path, { recursive: true, force: true });
  if (kind === "folder") mkdirSync(path);
  else if (kind === "fifo") execFileSync("mkfifo", [path]);
  else makeSocket(path);
}

/** A socket that nobody listens at: the process that did is gone. Its path must be short. */
function makeSocket(path: string): void {
  const script = `require("node:net").createServer().listen(process.argv[1], () => process.exit())`;
  execFileSync(process.execPath, ["-e", script, path.slice(dirname(path).length + 1)], {
    cwd: dirname(path),
  });
}
