import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import {
  decodeHolder,
  encodeHolder,
  type HeldLease,
  type LeaseAttempt,
  type LeaseHolder,
} from "./LeaseHolder.ts";

const FILE_MODE = 0o600;
/** How often the holder may change under our eyes before the lease counts as held. */
const MAX_TRIES = 3;

/** What this process holds: a file with our own pid may be of a process that had it before. */
const heldPaths = new Set<string>();

/**
 * Takes a lease by a lock file with the holder's pid, for systems without abstract sockets. The file
 * of a process that has ended is taken over; a pid that was given to another process since then
 * keeps the lease held until that one ends.
 */
export async function holdFile(path: string): Promise<LeaseAttempt> {
  const holder = { pid: process.pid, sinceMs: Date.now() };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (await createWhole(path, encodeHolder(holder))) {
      heldPaths.add(path);
      return { held: heldFile(path, holder) };
    }
    const text = await textOf(path);
    if (text === undefined) continue;
    const found = decodeHolder(text);
    if (isAlive(found, path)) return { holder: found };
    await takeAway(path, text);
  }
  return { holder: {} };
}

/** Who holds the file, or undefined where nobody that lives does. */
export async function fileHolder(path: string): Promise<LeaseHolder | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const holder = decodeHolder(text);
  return isAlive(holder, path) ? holder : undefined;
}

function heldFile(path: string, holder: LeaseHolder): HeldLease {
  let isReleased = false;
  return {
    markHalted: () => {
      // Not waited for: the disk may be what has failed. The lease is held without it.
      replaceWhole(path, encodeHolder({ ...holder, halted: true })).catch(() => {});
    },
    release: async () => {
      if (isReleased) return;
      isReleased = true;
      await rm(path, { force: true });
      heldPaths.delete(path);
    },
  };
}

function isAlive({ pid }: LeaseHolder, path: string): boolean {
  if (pid === undefined) return false;
  if (pid === process.pid) return heldPaths.has(path);
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of somebody else may not be asked, but is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
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

/** Removes the file of a dead holder, and puts it back where another contender was faster. */
async function takeAway(path: string, text: string): Promise<void> {
  const away = `${path}.${randomUUID()}`;
  try {
    await rename(path, away);
    if ((await textOf(away)) !== text) await link(away, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  } finally {
    await rm(away, { force: true });
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
