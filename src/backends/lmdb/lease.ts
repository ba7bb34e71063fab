import { closeSync, constants, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { LockedError } from "../../model/errors.ts";
import { classifyError } from "./classifyError.ts";
import { fileHolder, holdFile } from "./fileLease.ts";
import type { HeldLease, LeaseAttempt } from "./LeaseHolder.ts";
import { holdSocket, socketHolder } from "./socketLease.ts";

const LEASE_FILE_NAME = ".lease";

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
  if (!hasSockets()) return heldOf(await holdFile(join(folder, LEASE_FILE_NAME)), folder);
  // Open for as long as the lease is held: the inode of a folder that is removed meanwhile would
  // else go to another one, which then looks held.
  const file = openSync(folder, constants.O_RDONLY);
  try {
    const held = heldOf(await holdSocket(await socketNameOf(folder)), folder);
    return closingAtRelease(held, { file, folder });
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function heldOf(attempt: LeaseAttempt, folder: string): HeldLease {
  if ("held" in attempt) return attempt.held;
  const { pid, ...details } = attempt.holder;
  const holder = pid === undefined ? {} : { holder: `pid ${pid}` };
  throw new LockedError(`${folder} is held by ${holder.holder ?? "another writer"}`, {
    ...holder,
    ...details,
  });
}

function closingAtRelease(
  held: HeldLease,
  { file, folder }: { readonly file: number; readonly folder: string },
): HeldLease {
  let releasing: Promise<void> | undefined;
  return {
    markHalted: () => held.markHalted(),
    release: () => {
      releasing ??= held
        .release()
        .finally(() => closeSync(file))
        .catch((error: unknown) => {
          throw classifyError(error, folder);
        });
      return releasing;
    },
  };
}

/** Whether anybody holds the lease of an instance's folder. */
export async function isLeaseHeld(folder: string): Promise<boolean> {
  const holder = hasSockets()
    ? await socketHolder(await socketNameOf(folder))
    : await fileHolder(join(folder, LEASE_FILE_NAME));
  return holder !== undefined;
}

function hasSockets(): boolean {
  return process.platform === "linux" || process.platform === "android";
}

async function socketNameOf(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder, { bigint: true });
  return `\0tidemark/${dev}/${ino}`;
}
