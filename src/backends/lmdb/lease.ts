import { stat } from "node:fs/promises";
import { join } from "node:path";
import { LockedError } from "../../model/errors.ts";
import { fileHolder, holdFile } from "./fileLease.ts";
import type { HeldLease } from "./LeaseHolder.ts";
import { holdSocket, socketHolder } from "./socketLease.ts";

const LOCK_FILE_NAME = ".lease";

/**
 * Takes the exclusive right to an instance's folder, or rejects {@link LockedError}. In one process
 * as between two, it is held once.
 *
 * On Linux an abstract socket named after the folder's inode holds it: the kernel takes it back the
 * moment the process ends, however it ends, and whoever is refused can ask who the holder is. It
 * holds within a network namespace; beyond it the epoch alone fences. Elsewhere a lock file holds
 * it. Neither keeps the process alive.
 */
export async function holdLease(folder: string): Promise<HeldLease> {
  const attempt = hasSockets()
    ? await holdSocket(await socketNameOf(folder))
    : await holdFile(join(folder, LOCK_FILE_NAME));
  if ("held" in attempt) return attempt.held;
  const { pid, ...details } = attempt.holder;
  const holder = pid === undefined ? {} : { holder: `pid ${pid}` };
  throw new LockedError(`${folder} is held by ${holder.holder ?? "another writer"}`, {
    ...holder,
    ...details,
  });
}

/** Whether anybody holds the lease of an instance's folder. */
export async function isLeaseHeld(folder: string): Promise<boolean> {
  const holder = hasSockets()
    ? await socketHolder(await socketNameOf(folder))
    : await fileHolder(join(folder, LOCK_FILE_NAME));
  return holder !== undefined;
}

function hasSockets(): boolean {
  return process.platform === "linux" || process.platform === "android";
}

async function socketNameOf(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder, { bigint: true });
  return `\0tidemark/${dev}/${ino}`;
}
