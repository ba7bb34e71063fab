import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { rejects } from "./rejection.ts";
import { manifestOf } from "./sampleFrames.ts";
import { crashedRun } from "./sampleRuns.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { SOURCE_FLAGS } from "../../support/nodeFlags.ts";

const test = suite("createRun");
const RUN_ID = manifestOf(1n).runId;

test("a run's folders and files belong to their owner alone, whatever the umask", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = path.join(folder, "a", "b");
    const umask = process.umask(0o027);
    try {
      await crashedRun(directory);
    } finally {
      process.umask(umask);
    }
    const run = path.join(directory, "desk-1", RUN_ID);
    for (const made of [path.dirname(directory), directory, path.dirname(run), run]) {
      assert.is((await stat(made)).mode & 0o777, 0o700, made);
    }
    const names = ["checkpoints.log", "data.mdb", "lock.mdb", "manifest.json", "reserve"];
    assert.equal((await readdir(run)).toSorted(), names);
    for (const name of names) {
      assert.is((await stat(path.join(run, name))).mode & 0o777, 0o600, name);
    }
  });
});

test("a creation that fails half-way leaves nothing and keeps nothing locked", async () => {
  await inTemporaryFolder(async (folder) => {
    // Long enough that data.mdb has a path and the manifest has none.
    const fixed = path.join("desk-1", RUN_ID).length + 2;
    let directory = folder;
    while (directory.length + fixed < 4_080) {
      const left = 4_080 - directory.length - fixed;
      directory = path.join(directory, "d".repeat(Math.min(250, Math.max(1, left - 1))));
    }
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    await rejects(lease.create(manifestOf(1n)), { code: "TIDEMARK_BACKEND" });
    assert.equal(await readdir(path.join(directory, "desk-1")), []);
    await lease.release();
    await (await lmdbCatalog({ directory }).acquire("desk-1")).release();
    await rm(path.join(folder, "d".repeat(250)), { recursive: true });
  });
});

test("a folder that was made and cannot be forced to disk is taken away again", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = path.join(folder, "runs");
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const { chmod } = fs.promises;
    fs.promises.chmod = async () => {
      throw Object.assign(new Error("EIO: i/o error, chmod"), { errno: -5, code: "EIO" });
    };
    syncBuiltinESMExports();
    try {
      await rejects(lease.create(manifestOf(1n)), { code: "TIDEMARK_DISK", errno: 5 });
    } finally {
      fs.promises.chmod = chmod;
      syncBuiltinESMExports();
    }
    assert.equal(await readdir(path.join(directory, "desk-1")), []);
    await lease.release();
  });
});

if (process.platform === "linux") {
  test("a creation for which there is no room is the disk's error, and leaves nothing", async () => {
    await inTemporaryFolder(async (directory) => {
      const program = path.resolve("test/backends/lmdb/programs/createRun.ts");
      const { stdout, status } = spawnSync(
        "bash",
        [
          "-c",
          'ulimit -f 100; exec "$0" "$@"',
          process.execPath,
          ...SOURCE_FLAGS,
          program,
          directory,
        ],
        { encoding: "utf8" },
      );
      assert.is(stdout, "TIDEMARK_DISK, 0 left\n");
      assert.is(status, 0);
    });
  });
}

test.run();
