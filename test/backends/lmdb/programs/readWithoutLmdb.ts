import { lmdbCatalog } from "../../../../src/backends/lmdb/lmdbCatalog.ts";
import { manifestOf } from "../sampleFrames.ts";

/* Lists and reads the sample run in a directory, and says whether LMDB was loaded on the way. */
const catalog = lmdbCatalog({ directory: process.argv[2] ?? "" });
const runs = await catalog.list();
const log = await catalog.read("desk-1", manifestOf(1n).runId);
const frames = await log.framesFrom(1);
await log.close();

const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
const isLoaded = sharedObjects.some((path) => path.includes("lmdb"));
console.log(JSON.stringify({ runs: runs.length, frames: (frames as unknown[]).length, isLoaded }));
