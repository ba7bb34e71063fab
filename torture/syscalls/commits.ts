import { callsIn, type Call } from "./calls.ts";
import type { Said } from "./Life.ts";

const WRITE = /^pwrite(?:64|v)$|^writev$/;
const SYNC = "fdatasync";

/**
 * When the syncs of a log's commits began, of those that made a commit durable: all that it wrote was
 * written, and the sync has returned. Zeros ahead, which are appended (`write`), are no commit.
 *
 * @param trace - of all writes and syncs of a data.mdb
 */
export function durableCommitsIn(trace: string, file: string): number[] {
  const syncs: number[] = [];
  let hasWritten = false;
  const missing = new Set<string>();
  for (const call of callsIn(trace).filter(({ asked }) => asked.includes(`/${file}>`))) {
    if (WRITE.test(call.syscall)) {
      hasWritten = true;
      if (hasFailed(call)) missing.add(call.asked);
      else missing.delete(call.asked);
    }
    // One that was interrupted has not been, and may be made again.
    if (call.syscall !== SYNC || call.error === "EINTR") continue;
    if (hasWritten && missing.size === 0 && !hasFailed(call)) syncs.push(call.at);
    hasWritten = false;
    missing.clear();
  }
  return syncs;
}

function hasFailed({ result, isInjected }: Call): boolean {
  return result < 0 || isInjected;
}

/** For each watermark of a life, how many commits had been made durable when it was told. */
export type CommitsBehind = ReadonlyMap<number, number>;

/** Counts the commits behind each acknowledgement of a life in which nothing failed. */
export function commitsBehind(said: readonly Said[], syncs: readonly number[]): CommitsBehind {
  return new Map(acksIn(said).map(({ at, seq }) => [seq, countBefore(syncs, at)]));
}

/**
 * The acknowledgements that came too soon: with fewer durable commits behind them than the life
 * without failures had. No commit can begin before the one in front of it was acknowledged there, so
 * what was counted is what each of them takes.
 */
export function ackedTooSoon(
  said: readonly Said[],
  syncs: readonly number[],
  needed: CommitsBehind,
): string[] {
  const breaches: string[] = [];
  for (const { at, seq } of acksIn(said)) {
    // Where a commit was cut otherwise than there, it takes what the one before it took.
    const known = [...needed.keys()].filter((other) => other <= seq);
    const least = needed.get(Math.max(...known)) ?? 0;
    const durable = countBefore(syncs, at);
    if (durable >= least) continue;
    breaches.push(`acknowledged ${seq} with ${durable} durable commits, and it takes ${least}`);
  }
  return breaches;
}

function countBefore(times: readonly number[], at: number): number {
  return times.filter((time) => time <= at).length;
}

function acksIn(said: readonly Said[]): { readonly at: number; readonly seq: number }[] {
  const acks = said.filter(({ word }) => word === "ack");
  return acks.map(({ at, value }) => ({ at, seq: Number(value["seq"]) }));
}
