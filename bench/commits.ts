import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filter, firstValueFrom } from "rxjs";
import type { Benchmark, Context, Figure } from "./Benchmark.ts";
import { draftOf } from "./drafts.ts";
import { figure, interleaved, ratio } from "./harness.ts";
import { lmdbPipeline, rawFilePipeline, type Pipeline } from "./pipelines.ts";

const SIZES = [1, 10, 100] as const;
const WARM_UP = 100;
const COMMITS = 400;

/** Commits one by one, as a caller sees them, and what they ask of the disk. */
export const commits: Benchmark = {
  name: "commits",
  question:
    "How many commits of 1, 10 and 100 entries come one after the other, and how many syncs?",
  async run({ rounds, folder }: Context) {
    const ratios: Figure[] = [];
    const figures: Figure[] = [];
    for (const size of SIZES) {
      const { ours, rawFile } = await interleaved(rounds, {
        ours: async () => commitsPerSecond(await lmdbPipeline(folder()), size),
        rawFile: async () => commitsPerSecond(await rawFilePipeline(folder(), 0), size),
      });
      ratios.push(ratio(`${size} per commit: ours / growing file`, { of: ours, over: rawFile }));
      figures.push(figure(`${size} per commit: ours`, "commits/s", ours));
    }
    const syncs = syncsPerCommit(folder());
    if (typeof syncs === "string") return { ratios, figures, notes: [syncs] };
    figures.push(figure("syncs of a commit", "syncs", syncs));
    return { ratios, figures };
  },
};

async function commitsPerSecond(pipeline: Pipeline, size: number): Promise<number> {
  let startedAt = 0;
  for (let commit = 0; commit < WARM_UP + COMMITS; commit++) {
    if (commit === WARM_UP) startedAt = performance.now();
    for (let turn = 0; turn < size; turn++) pipeline.offer(draftOf(turn));
    const last = pipeline.accepted;
    await firstValueFrom(pipeline.watermark$.pipe(filter((watermark) => watermark >= last)));
  }
  const perSecond = (COMMITS / (performance.now() - startedAt)) * 1e3;
  await pipeline.close();
  return perSecond;
}

/** Counted by strace, one number per commit; where there is none, why. */
function syncsPerCommit(folder: string): readonly number[] | string {
  const path = join(folder, "trace");
  const child = fileURLToPath(new URL("./syncsChild.ts", import.meta.url));
  const calls = "trace=openat,fsync,fdatasync,msync,pwrite64,pwritev,writev,write";
  const strace = ["-f", "-y", "-qq", "-e", calls, "-e", "signal=none", "-s", "0", "-o", path];
  try {
    execFileSync("strace", [...strace, process.execPath, ...process.execArgv, child, folder]);
  } catch (error) {
    return `Syncs are not counted: ${(error as Error).message.split("\n")[0]}`;
  }
  const trace = readFileSync(path, "utf8");
  return countBetweenMarks(trace.split("\n"), syncIn(trace));
}

/** What a sync looks like: a call, or a write to a file whose every write is one. */
function syncIn(trace: string): RegExp {
  const [, file] = /openat\([^\n]*O_DSYNC[^\n]*= (\d+<[^>]*>)/.exec(trace) ?? [];
  if (file === undefined) return /\b(?:fsync|fdatasync|msync)\(/;
  const written = file.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\b(?:(?:fsync|fdatasync|msync)\\(|p?write(?:64|v)?\\(${written},)`);
}

function countBetweenMarks(lines: readonly string[], isSync: RegExp): readonly number[] {
  const counts: number[] = [];
  let isCounting = false;
  for (const line of lines) {
    if (line.includes("/mark-begin")) counts.push(0);
    if (line.includes("/mark-begin") || line.includes("/mark-end")) {
      isCounting = line.includes("/mark-begin");
    } else if (isCounting && !line.includes("resumed>") && isSync.test(line)) {
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    }
  }
  return counts;
}
