import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BATCH_ENTRIES, PAYLOAD_BYTES } from "../drafts.ts";
import { askPeer } from "./askPeer.ts";
import { syncsIn } from "./syncsIn.ts";

const FEW = 20;
const MANY = 120;
const CALLS = "trace=openat,fsync,fdatasync,msync,pwrite64,pwritev,pwritev2,writev,write";
const STRACE = [
  ["strace", "-f", "-y", "-qq", "-s", "0"],
  ["-e", CALLS, "-e", "signal=none"],
  // With a file to write to it would let no signal end it.
  ["-I", "2"],
].flat();

/** Whether there is a strace here, and it may trace. */
export function canTrace(): boolean {
  const [program = "", ...options] = STRACE;
  return spawnSync(program, [...options, "-o", "/dev/null", "true"]).status === 0;
}

/**
 * The syncs that a commit of 100 entries takes on average, its share of what is done between commits
 * included: counted by strace in all processes and threads of a program, once with few commits and
 * once with more, since what is left of the difference belongs to commits alone.
 *
 * @returns why they are not counted, where they are not.
 */
export async function syncsPerCommit(
  command: readonly string[],
  folder: () => string,
): Promise<number | string> {
  const few = await syncsOf(command, FEW, folder);
  if (typeof few === "string") return few;
  const many = await syncsOf(command, MANY, folder);
  return typeof many === "string" ? many : (many - few) / (MANY - FEW);
}

async function syncsOf(
  command: readonly string[],
  commits: number,
  folder: () => string,
): Promise<number | string> {
  const traces = folder();
  const trace = join(traces, "trace");
  const answer = await askPeer<"commits">(
    [...STRACE, "-o", trace, ...command],
    { kind: "commits", batch: BATCH_ENTRIES, commits, warmUp: 0 },
    { directory: folder(), payloadBytes: PAYLOAD_BYTES },
  );
  if ("unsupported" in answer) return answer.unsupported;
  if ("failed" in answer) return `Syncs are not counted: ${answer.failed}`;
  const syncs = syncsIn(readFileSync(trace, "utf8"));
  rmSync(traces, { recursive: true });
  return syncs;
}
