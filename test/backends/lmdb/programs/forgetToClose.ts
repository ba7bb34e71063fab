// Appends without waiting for it, and closes nothing.
import { lmdbCatalog } from "../../../../src/backends/lmdb/lmdbCatalog.ts";
import { frameOf, manifestOf } from "../sampleFrames.ts";

const [directory = ""] = process.argv.slice(2);
const lease = await lmdbCatalog({ directory }).acquire("desk-1");
const backend = await lease.create(manifestOf(1n));
await backend.append([frameOf(1)]);
await backend.framesFrom(1);
void backend.append([frameOf(2)]);
