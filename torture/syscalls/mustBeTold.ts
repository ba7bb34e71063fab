import { callsIn } from "./calls.ts";
import { RUN_ID, type Life } from "./Life.ts";
import { DISK_ERRORS, type FailingPoint } from "./points.ts";

/** What an acknowledgement, an opening or a close hangs on. */
const WRITES_AND_SYNCS = /^(?:p?write(?:64|v)?|fdatasync|fsync|ftruncate|rename)$/;
/** Calls that say where in a file: the same one comes again with the next note in lock.mdb. */
const IS_PLACED = /^pwrite/;

/**
 * Whether somebody has to hear of a failed call. A write or a sync that the disk refuses is never made
 * good in silence: the next sync may say that all is well, and nothing is. One that was interrupted, or
 * wrote less than it was given, may be made again at once.
 */
export function mustBeTold(point: FailingPoint, life: Life): boolean {
  if (!WRITES_AND_SYNCS.test(point.syscall) || isOfRoomAhead(point)) return false;
  return DISK_ERRORS.has(point.error) ? !isOfReserveAlone(point, life) : !isMadeAgain(life);
}

/**
 * Whether the disk refused zeros behind the used pages: nothing hangs on them before a commit needs
 * their room, which then tells (D-020). Whatever else fails there is a failing disk.
 */
function isOfRoomAhead({ role, syscall, file, error }: FailingPoint): boolean {
  const isOfZeros = role === "writer" && syscall === "write" && file.endsWith("/data.mdb");
  return isOfZeros && (error === "ENOSPC" || error === "EDQUOT");
}

/**
 * Whether the failed sync forces nothing but the removal of the reserve, which makes room for the last
 * entry (D-022). The seal forces the same folder twice behind it: when the reserve is gone for good,
 * and with the manifest (D-023).
 */
function isOfReserveAlone(point: FailingPoint, { said, trace }: Life): boolean {
  if (!isSyncOfRunFolder(point)) return false;
  const calls = callsIn(trace).filter(({ syscall }) => syscall === point.syscall);
  const failedAt = calls.find(({ isInjected }) => isInjected)?.at ?? 0;
  // Between reading everything back and the acknowledgement of the last entry there is no other.
  const readAt = said.find(({ word }) => word === "read")?.at ?? Number.POSITIVE_INFINITY;
  const endedAt = said.findLast(({ word }) => word === "ack")?.at ?? 0;
  if (failedAt < readAt || failedAt > endedAt) return false;
  return calls.filter(({ at, result }) => at > endedAt && result === 0).length >= 2;
}

function isSyncOfRunFolder({ role, syscall, file }: FailingPoint): boolean {
  return role === "main" && syscall === "fsync" && file.endsWith(`/${RUN_ID}`);
}

/** Whether the call that failed was the next to be made, and then did not fail. */
function isMadeAgain({ said, trace }: Life): boolean {
  const calls = callsIn(trace);
  const failed = calls.findLastIndex(({ isInjected }) => isInjected);
  const [first, next] = calls.slice(failed);
  if (first === undefined || next === undefined || next.result < 0) return false;
  if (next.syscall !== first.syscall || next.asked !== first.asked) return false;
  const isBetween = (at: number): boolean => at > first.at && at < next.at;
  return !IS_PLACED.test(first.syscall) || !said.some(({ at }) => isBetween(at));
}
