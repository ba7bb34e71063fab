import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { askPeer } from "./askPeer.ts";
import { PAYLOAD_BYTES } from "../drafts.ts";

const FEW = 20;
const MANY = 120;
const CALLS =
  "trace=openat,fsync,fdatasync,msync,sync_file_range,pwrite64,pwritev,pwritev2,writev,write";

/**
 * The syncs that a commit of ten entries takes on average, its share of what is done between commits
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
  const strace = ["strace", "-f", "-y", "-qq", "-e", CALLS, "-e", "signal=none", "-s", "0"];
  const answer = await askPeer<"commits">(
    [...strace, "-o", trace, ...command],
    { kind: "commits", batch: 10, commits, warmUp: 0 },
    { directory: folder(), payloadBytes: PAYLOAD_BYTES },
  );
  if ("unsupported" in answer) return answer.unsupported;
  if ("failed" in answer) return `Syncs are not counted: ${answer.failed}`;
  const text = readFileSync(trace, "utf8");
  rmSync(traces, { recursive: true });
  const isSync = syncIn(text);
  return text.split("\n").filter((line) => !line.includes("resumed>") && isSync(line)).length;
}

/** What a sync looks like: a call, or a write to a file whose every write is one. */
function syncIn(trace: string): (line: string) => boolean {
  const opened = trace.matchAll(/^(\d+) .*openat\(.*\bO_D?SYNC\b.* = (\d+<[^>]*>)/gm);
  const synced = new Set(Array.from(opened, ([, , file]) => file));
  return (line) => {
    if (/\b(?:fsync|fdatasync|msync)\(/.test(line)) return true;
    const [, file] = /\bp?write(?:64|v2?)?\((\d+<[^>]*>)/.exec(line) ?? [];
    return file !== undefined && synced.has(file);
  };
}
