import { callsIn, type Call } from "./calls.ts";
import { RUN_ID, type Life, type Said } from "./Life.ts";
import { DISK_ERRORS, type FailingPoint } from "./points.ts";

/** What an acknowledgement, an opening or a close hangs on. */
const WRITES_AND_SYNCS = /^(?:p?write(?:64|v)?|fdatasync|fsync|ftruncate|rename)$/;

/**
 * Since when somebody has to hear of a failed call; undefined where nobody has. A write or a sync that
 * the disk refuses is never made good in silence: the next sync may say that all is well, and nothing
 * is. One that was interrupted, or wrote less than it was given, may be made again at once: each by
 * itself, since a life has several writers.
 */
export function mustBeToldSince(point: FailingPoint, life: Life): number | undefined {
  if (!WRITES_AND_SYNCS.test(point.syscall) || isOfRoomAhead(point)) return undefined;
  const calls = callsIn(life.trace);
  const failed = calls.filter(({ isInjected }) => isInjected);
  if (DISK_ERRORS.has(point.error)) {
    return isOfReserveAlone(point, life) ? undefined : failed[0]?.at;
  }
  return failed.find((call) => !isMadeAgain(calls.slice(calls.indexOf(call)), life.said))?.at;
}

/**
 * Whether the disk refused zeros behind the used pages: nothing hangs on them before a commit lacks
 * their room, which is then refused (D-020). Whatever else fails there is a failing disk.
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

/** Whether the first of these calls was the next to be made as well, and then did not fail. */
function isMadeAgain([failed, next]: readonly Call[], said: readonly Said[]): boolean {
  if (failed === undefined || next === undefined || next.result < 0) return false;
  if (next.syscall !== failed.syscall || next.asked !== failed.asked) return false;
  return !said.some(({ at }) => at > failed.at && at < next.at);
}
