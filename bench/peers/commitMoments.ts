import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WRITER_COMMAND } from "../../src/backends/lmdb/writerCommand.ts";
import type { Moment } from "../Schedule.ts";

/**
 * Has the writer processes that are started from now on note when each commit returned, in the same
 * monotonic time; they are of no other use than to this benchmark, and nothing of it is in `src`.
 *
 * @returns what reads the moments of one, once it has ended.
 */
export function recordCommitMoments(): () => readonly Moment[] {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-moments-"));
  const path = join(folder, "moments");
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const preload = new URL("./noteCommits.ts", import.meta.url);
  preload.searchParams.set("into", path);
  const flags = ["--import", import.meta.resolve("tsx"), "--import", preload.href];
  (WRITER_COMMAND as string[]).unshift(...flags);
  const zero = originMs();
  return () => {
    const pairs = new Float64Array(new Uint8Array(readFileSync(path)).buffer);
    return Array.from({ length: pairs.length / 2 }, (_, index) => ({
      toSeq: pairs[2 * index] ?? Number.NaN,
      at: (pairs[2 * index + 1] ?? Number.NaN) - zero,
    }));
  };
}

/** What `performance.now()` counts from, in the time of `process.hrtime`. */
function originMs(): number {
  // Whatever comes between the two readings makes it smaller.
  const readings = Array.from({ length: 100 }, () => hrtimeMs() - performance.now());
  return Math.max(...readings);
}

function hrtimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
