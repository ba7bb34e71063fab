// Takes the lease of `desk-1` in a directory, says so, and lives until it is killed.
import { lmdbCatalog } from "../../../../src/backends/lmdb/lmdbCatalog.ts";

const [directory = ""] = process.argv.slice(2);
await lmdbCatalog({ directory }).acquire("desk-1");
console.log("held");
process.stdin.resume();
