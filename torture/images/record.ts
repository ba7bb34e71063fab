import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WriterSettings } from "../programs/writer.ts";
import { ChildProgram } from "../support/ChildProgram.ts";
import type { Claim } from "./Claims.ts";
import { Disk } from "./Disk.ts";
import { readEvents, type DiskEvent } from "./DiskEvent.ts";
import { digestOfFile, readImage, type Image } from "./Image.ts";
import { survivorsOf } from "./survivors.ts";

/** A disk and what was claimed of it. */
export interface Before {
  readonly image: Image;
  readonly claims: readonly Claim[];
}

/** What a writer did to the files of a folder, from what it found to its end. */
export interface Recording {
  readonly folder: string;
  readonly before: Before;
  readonly events: readonly DiskEvent[];
  readonly group: number;
}

export const EMPTY: Before = { image: { folders: new Map(), files: new Map() }, claims: [] };

/** What LMDB writes through a map, where nobody sees it; it starts anew at every boot. */
const UNSEEN_FILE = "lock.mdb";

/** Compiles the recorder. */
export function compileShim(into: string): string {
  const source = fileURLToPath(new URL("./shim.c", import.meta.url));
  const shim = join(into, "shim.so");
  execFileSync("gcc", ["-shared", "-fPIC", "-O2", "-o", shim, source, "-ldl"]);
  return shim;
}

/** Lets a writer write in a folder that holds an image, and records it. */
export async function record({
  shim,
  folder,
  settings,
  before,
}: {
  readonly shim: string;
  readonly folder: string;
  readonly settings: WriterSettings & { readonly group: number };
  readonly before: Before;
}): Promise<Recording> {
  const log = `${folder}.log`;
  const child = new ChildProgram("writer", [JSON.stringify(settings)], {
    env: {
      LD_PRELOAD: shim,
      TORTURE_ROOT: folder,
      TORTURE_LOG: log,
      // What goes through a ring is no call of libc.
      UV_USE_IO_URING: "0",
    },
  });
  let last = "";
  for await (const line of child.lines) last = line;
  const { exit, stderr } = await child.ended;
  if (exit !== 0 || !last.startsWith("closed")) {
    throw new Error(`The recorded writer ended by ${exit} after ${last}: ${stderr}`);
  }
  const events = readEvents(log);
  rmSync(log);
  const recording = { folder, before, events, group: settings.group };
  checkComplete(recording);
  return recording;
}

/** What the records add up to must be what lies there: else calls went past the recorder. */
function checkComplete({ folder, before, events }: Recording): void {
  const disk = new Disk(folder, before.image);
  for (const event of events) disk.apply(event);
  const model = namesOf(disk.image(survivorsOf(({ steps }) => steps)));
  const real = namesOf(readImage(folder));
  for (const name of new Set([...model.keys(), ...real.keys()])) {
    if (model.get(name) !== real.get(name)) throw new Error(`${name} is not what was recorded`);
  }
}

/** Every name below an image, with a digest of what it names. */
function namesOf({ folders, files }: Image): ReadonlyMap<string, string> {
  const below = [...folders].flatMap(([name, folder]) =>
    [...namesOf(folder), ["", "folder"] as const].map(
      ([path, digest]) => [`${name}/${path}`, digest] as const,
    ),
  );
  const here = [...files].map(
    ([name, file]) => [name, name === UNSEEN_FILE ? "unseen" : digestOfFile(file)] as const,
  );
  return new Map([...below, ...here]);
}
