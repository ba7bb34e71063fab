import { firstValueFrom, from, lastValueFrom } from "rxjs";
import type { Backend } from "../backends/Backend.ts";
import type { Lease } from "../backends/RunCatalog.ts";
import type { Entry } from "../model/entry.ts";
import {
  CorruptedError,
  GapError,
  HashMismatchError,
  UnsupportedFormatError,
} from "../model/errors.ts";
import type { RunManifest, SealedStatus } from "../model/manifest.ts";
import { EntryCursor } from "./EntryCursor.ts";
import { isRunEnded } from "./lifecycle.ts";

/**
 * Seals every run of the instance that nobody writes any more, oldest first. One whose manifest
 * cannot be read, or is of another format, stays as it is, listed with its problem: it blocks
 * nothing.
 */
export async function recoverUnsealed(
  lease: Lease,
  runs: readonly RunManifest[],
): Promise<readonly RunManifest[]> {
  const recovered: RunManifest[] = [];
  for (const { runId, status } of runs) {
    if (status !== "running") continue;
    const backend = await opened(lease, runId);
    if (backend !== undefined) recovered.push(await sealed(backend));
  }
  return recovered;
}

async function opened(lease: Lease, runId: string): Promise<Backend | undefined> {
  try {
    return await lease.recover(runId);
  } catch (failure) {
    if (isDamage(failure) || failure instanceof UnsupportedFormatError) return undefined;
    throw failure;
  }
}

/**
 * Judges an unsealed run by reading all of it, and seals it as what it was: `ended` where only the
 * seal was missing, `crashed-recovered`, or `quarantined` where it is damaged.
 */
async function sealed(backend: Backend): Promise<RunManifest> {
  let manifest: RunManifest;
  try {
    manifest = await firstValueFrom(from(backend.seal(await statusOf(backend))));
  } catch (failure) {
    // What counts is why it could not be sealed, not that closing fails too.
    await closed(backend).catch(() => undefined);
    throw failure;
  }
  await closed(backend);
  return manifest;
}

function closed(backend: Backend): Promise<void> {
  return lastValueFrom(from(backend.close()), { defaultValue: undefined });
}

async function statusOf(backend: Backend): Promise<SealedStatus> {
  try {
    const last = await lastEntryOf(backend);
    return last !== undefined && isRunEnded(last) ? "ended" : "crashed-recovered";
  } catch (failure) {
    if (isDamage(failure)) return "quarantined";
    throw failure;
  }
}

/** The last entry, after every entry was read and checked; one page in memory at a time. */
async function lastEntryOf(backend: Backend): Promise<Entry | undefined> {
  // A log that must not be opened says so here, whatever else it says of itself.
  const watermark = await firstValueFrom(from(backend.refresh()));
  const cursor = new EntryCursor(backend, {}, 1);
  let last: Entry | undefined;
  while (cursor.position <= watermark) {
    const entries = await firstValueFrom(cursor.pageUpTo(watermark));
    last = entries.at(-1) ?? last;
  }
  return last;
}

function isDamage(failure: unknown): boolean {
  return (
    failure instanceof CorruptedError ||
    failure instanceof HashMismatchError ||
    failure instanceof GapError
  );
}
