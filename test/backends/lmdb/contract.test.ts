import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import type { RunCatalog } from "../../../src/backends/RunCatalog.ts";
import { backendContract } from "../../../src/testing/backendContract.ts";

const test = suite("backendContract on LMDB");
const directories = new WeakMap<RunCatalog, string>();

backendContract({
  name: "lmdb",
  test,
  catalog: async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-"));
    const catalog = lmdbCatalog({ directory });
    directories.set(catalog, directory);
    return catalog;
  },
  dispose: async (catalog) => {
    await rm(directories.get(catalog) ?? "", { recursive: true });
  },
});

test.run();
