import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openWriter } from "../src/streams/openWriter.ts";
import { draftOf } from "./drafts.ts";
import { lmdbBackend } from "./pipelines.ts";

/*
 * Commits ten entries one by one between marks that a tracer of system calls can see, and prints
 * the numbers of the files whose every write is a sync (O_DSYNC).
 */

const COMMITS = 10;
const O_DSYNC = 0o10000;
const folder = process.argv[2] ?? "";
const { backend, release } = await lmdbBackend(folder);
const writer = openWriter(backend);

for (let turn = 0; turn < COMMITS; turn++) {
  mark("begin");
  await writer.append(draftOf(turn));
  mark("end");
  // What the thread does after its answer belongs to no commit.
  await delay(20);
}
process.stdout.write(JSON.stringify(synchronousFiles()));
await writer.abandon();
await release();

function mark(name: "begin" | "end"): void {
  closeSync(openSync(join(folder, `mark-${name}`), "a"));
}

function synchronousFiles(): readonly number[] {
  return readdirSync("/proc/self/fdinfo")
    .filter((file) => (flagsOf(file) & O_DSYNC) !== 0)
    .map(Number);
}

/** The flags that a file was opened with; 0 for one that was closed meanwhile. */
function flagsOf(file: string): number {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${file}`, "latin1");
    return Number.parseInt(/^flags:\s+(\d+)/m.exec(info)?.[1] ?? "0", 8);
  } catch {
    return 0;
  }
}
