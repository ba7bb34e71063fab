// Tries to make a run, and says with which code that ends and what is left of it.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { lmdbCatalog } from "../../../../src/backends/lmdb/lmdbCatalog.ts";
import type { TidemarkError } from "../../../../src/model/errors.ts";
import { manifestOf } from "../sampleFrames.ts";

const [directory = ""] = process.argv.slice(2);
const lease = await lmdbCatalog({ directory }).acquire("desk-1");
const code = await lease.create(manifestOf(1n)).then(
  () => "created",
  (error: TidemarkError) => error.code,
);
await lease.release();
const left = await readdir(path.join(directory, "desk-1"));
console.log(`${code}, ${left.length} left`);
