import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openWriter } from "../src/streams/openWriter.ts";
import { draftOf } from "./drafts.ts";
import { lmdbBackend } from "./pipelines.ts";

/* Commits ten entries one by one between marks that a tracer of system calls can see. */

const COMMITS = 10;
const folder = process.argv[2] ?? "";
const { backend, release } = await lmdbBackend(folder);
const writer = openWriter(backend);

for (let turn = 0; turn < COMMITS; turn++) {
  mark("begin");
  await writer.append(draftOf(turn));
  mark("end");
  // What the writer process does after its answer belongs to no commit.
  await delay(20);
}
await writer.abandon();
await release();

function mark(name: "begin" | "end"): void {
  closeSync(openSync(join(folder, `mark-${name}`), "a"));
}
