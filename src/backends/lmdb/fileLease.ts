import { randomUUID } from "node:crypto";
import { link, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  decodeHolder,
  encodeHolder,
  type HeldLease,
  type LeaseAttempt,
  type LeaseHolder,
} from "./LeaseHolder.ts";

const FILE_MODE = 0o600;
const NUMBER = /^[1-9][0-9]{0,14}$/;
/** How often others may be faster before the lease counts as held. */
const MAX_TRIES = 10;

/** What this process holds or tries for: a file with our own pid may be of one that had it before. */
const ownHolders = new Map<string, LeaseHolder>();

/**
 * Takes a lease by lock files with the holder's pid, for systems without abstract sockets. What a
 * process that has ended has held is taken over; a pid that was given to another process since then
 * keeps the lease held until that one ends.
 *
 * The files are numbered, and the last one counts. Nobody takes another's away, which could hit a
 * living one: whoever finds that the holder of the last file is gone creates the next, and only one
 * can. Only what stands before the last but one is removed: a number that somebody is looking at must
 * not come twice.
 */
export async function holdFile(path: string): Promise<LeaseAttempt> {
  const own = ownHolders.get(path);
  if (own !== undefined) return { holder: own };
  const holder = { pid: process.pid, sinceMs: Date.now() };
  ownHolders.set(path, holder);
  try {
    const attempt = await tryFor(path, holder);
    if ("holder" in attempt) ownHolders.delete(path);
    return attempt;
  } catch (error) {
    ownHolders.delete(path);
    throw error;
  }
}

/** Who holds the lease, or undefined where nobody that lives does. */
export async function fileHolder(path: string): Promise<LeaseHolder | undefined> {
  const own = ownHolders.get(path);
  if (own !== undefined) return own;
  const holder = await lastHolder(path, await lastNumber(path));
  return isAlive(holder) ? holder : undefined;
}

async function tryFor(path: string, holder: LeaseHolder): Promise<LeaseAttempt> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const last = await lastNumber(path);
    const found = await lastHolder(path, last);
    if (isAlive(found)) return { holder: found };
    const mine = last + 1;
    const file = fileOf(path, mine);
    if (!(await createWhole(file, encodeHolder(holder)))) continue;
    // Who has looked long ago may have created a number that others have left behind.
    if ((await lastNumber(path)) === mine) {
      await removeBelow(path, mine - 1);
      return { held: heldFile(path, file, holder) };
    }
    await rm(file, { force: true });
  }
  return { holder: {} };
}

function heldFile(path: string, file: string, holder: LeaseHolder): HeldLease {
  let releasing: Promise<void> | undefined;
  let marking = Promise.resolve();
  const release = async (): Promise<void> => {
    // What is written last stands.
    await marking;
    await replaceWhole(file, encodeHolder({}));
    ownHolders.delete(path);
  };
  return {
    markHalted: () => {
      const halted = { ...holder, halted: true };
      ownHolders.set(path, halted);
      // Not waited for: the disk may be what has failed. The lease is held without it.
      marking = replaceWhole(file, encodeHolder(halted)).catch(() => {});
    },
    release: () => (releasing ??= release()),
  };
}

/** Our own pid is that of a process before us: what we hold ourselves is not looked up in a file. */
function isAlive({ pid }: LeaseHolder): boolean {
  if (pid === undefined || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of somebody else may not be asked, but is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function fileOf(path: string, number: number): string {
  return `${path}.${number}`;
}

async function numbersOf(path: string): Promise<readonly number[]> {
  const start = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length))
    .filter((number) => NUMBER.test(number))
    .map(Number);
}

async function lastNumber(path: string): Promise<number> {
  return Math.max(0, ...(await numbersOf(path)));
}

/** Nobody, where there is none, or it was left behind while we looked. */
async function lastHolder(path: string, number: number): Promise<LeaseHolder> {
  const text = await textOf(fileOf(path, number));
  return text === undefined ? {} : decodeHolder(text);
}

async function removeBelow(path: string, number: number): Promise<void> {
  const older = (await numbersOf(path)).filter((candidate) => candidate < number);
  await Promise.all(older.map((candidate) => rm(fileOf(path, candidate), { force: true })));
}

/** Creates a file that nobody ever sees half-written; false where there is one. */
async function createWhole(path: string, text: string): Promise<boolean> {
  return withDraft(path, text, async (draft) => {
    try {
      await link(draft, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  });
}

function replaceWhole(path: string, text: string): Promise<void> {
  return withDraft(path, text, (draft) => rename(draft, path));
}

async function withDraft<Result>(
  path: string,
  text: string,
  use: (draft: string) => Promise<Result>,
): Promise<Result> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: FILE_MODE, flag: "wx" });
    return await use(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
