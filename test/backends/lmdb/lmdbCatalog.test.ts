import fs, { cp, mkdir, readdir, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { rejects, throws } from "./rejection.ts";
import { manifestOf } from "./sampleFrames.ts";
import { crashedRun, sealedRun } from "./sampleRuns.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("lmdbCatalog");
const RUN_ID = manifestOf(1n).runId;

test("a directory that is no folder is the caller's mistake, and nothing is made", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, "file");
    await writeFile(file, "");
    for (const directory of [file, path.join(file, "below"), path.join(folder, "x".repeat(300))]) {
      const catalog = lmdbCatalog({ directory });
      const mistake = { code: "TIDEMARK_INVALID_CONFIG", option: "directory" };
      await rejects(catalog.acquire("desk-1"), mistake);
      if (directory.startsWith(file)) await rejects(catalog.list(), mistake);
    }
    assert.equal(await readdir(folder), ["file"]);
    for (const directory of ["", "a\0b", 7]) {
      throws(() => lmdbCatalog({ directory: directory as string }), {
        code: "TIDEMARK_INVALID_CONFIG",
      });
    }
  });
});

test("an id that leads elsewhere is refused, and nothing is made", async () => {
  await inTemporaryFolder(async (directory) => {
    const catalog = lmdbCatalog({ directory });
    for (const id of ["..", "../x", "a/b", "", ".hidden", "a..b"]) {
      await rejects(catalog.acquire(id), { code: "TIDEMARK_INVALID_CONFIG" });
      await rejects(catalog.read("desk-1", id), { code: "TIDEMARK_INVALID_CONFIG" });
    }
    assert.equal(await readdir(directory), []);
  });
});

test("folders of an instance or a run that are links are refused", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = path.join(folder, "runs");
    const catalog = lmdbCatalog({ directory });
    const run = await crashedRun(directory);
    await rename(run, path.join(folder, "elsewhere"));
    await symlink(path.join(folder, "elsewhere"), run);
    const corrupted = { code: "TIDEMARK_CORRUPTED" };
    await rejects(catalog.read("desk-1", RUN_ID), corrupted);
    const lease = await catalog.acquire("desk-1");
    await rejects(lease.remove(RUN_ID), corrupted);
    await rejects(lease.recover(RUN_ID), corrupted);
    await lease.release();
    const [listed] = await catalog.list("desk-1");
    assert.ok(listed?.problem?.includes("symbolic link"));
    await symlink(path.join(directory, "desk-1"), path.join(directory, "desk-2"));
    await rejects(catalog.acquire("desk-2"), corrupted);
    await rejects(catalog.read("desk-2", RUN_ID), corrupted);
  });
});

test("what was never started is no run, and what is damaged is listed with its problem", async () => {
  await inTemporaryFolder(async (directory) => {
    const catalog = lmdbCatalog({ directory });
    assert.equal(await lmdbCatalog({ directory: path.join(directory, "nowhere") }).list(), []);
    for (const start of [30n, 4n]) await sealedRun(directory, start);
    for (const start of [20n, 100n, 7n]) await crashedRun(directory, start);
    const instance = path.join(directory, "desk-1");
    const fileOf = (start: bigint, name: string): string =>
      path.join(instance, manifestOf(start).runId, name);
    await writeFile(fileOf(20n, "manifest.json"), "{");
    await truncate(fileOf(7n, "data.mdb"), 0);
    await mkdir(path.join(instance, "50-never"));
    await writeFile(path.join(instance, "notes"), "");
    await writeFile(path.join(directory, "notes"), "");
    const runs = await catalog.list();
    assert.equal(
      runs.map(({ manifest, watermark, isLive, problem }) => [
        manifest.startTsInit,
        manifest.status,
        watermark,
        isLive,
        problem !== undefined,
      ]),
      [
        [4n, "ended", 2, false, false],
        [7n, "running", 0, false, true],
        [20n, "running", 0, false, true],
        [30n, "ended", 2, false, false],
        [100n, "running", 2, false, false],
      ],
    );
    assert.ok(runs.every(({ sizeBytes }) => sizeBytes > 0));
    await rejects(catalog.read("desk-1", "50-never"), { code: "TIDEMARK_NOT_FOUND" });
  });
});

test("however many instances there are, a few runs are looked at at a time", async () => {
  await inTemporaryFolder(async (directory) => {
    for (let instance = 0; instance < 5; instance += 1) {
      for (let run = 0; run < 8; run += 1) {
        const folder = path.join(directory, `desk-${instance}`, `${run}-00000000`);
        await mkdir(folder, { recursive: true });
        await writeFile(path.join(folder, "manifest.json"), "no manifest");
      }
    }
    const { lstat } = fs;
    let [now, most] = [0, 0];
    fs.lstat = (async (file: string) => {
      now += 1;
      most = Math.max(most, now);
      return lstat(file).finally(() => (now -= 1));
    }) as typeof lstat;
    syncBuiltinESMExports();
    try {
      assert.is((await lmdbCatalog({ directory }).list()).length, 40);
    } finally {
      fs.lstat = lstat;
      syncBuiltinESMExports();
    }
    assert.is(most, 8);
  });
});

test("a removal that was cut short is finished by the next lease", async () => {
  await inTemporaryFolder(async (directory) => {
    await sealedRun(directory, 1n);
    const instance = path.join(directory, "desk-1");
    await cp(path.join(instance, RUN_ID), path.join(instance, ".removed-0-00000000"), {
      recursive: true,
    });
    const catalog = lmdbCatalog({ directory });
    assert.is((await catalog.list("desk-1")).length, 1);
    const lease = await catalog.acquire("desk-1");
    assert.equal(await readdir(instance), [RUN_ID]);
    await lease.remove(RUN_ID);
    await lease.release();
    assert.equal(await readdir(instance), []);
  });
});

test("a removed run whose folder the disk keeps is in nobody's way", async () => {
  await inTemporaryFolder(async (directory) => {
    const instance = path.join(directory, "desk-1");
    await mkdir(path.join(instance, ".removed-1-busy"), { recursive: true });
    await mkdir(path.join(instance, ".removed-2-gone"));
    const { rm } = fs;
    fs.rm = async (folder, options) => {
      if (!String(folder).endsWith("-busy")) return rm(folder, options);
      throw Object.assign(new Error("EBUSY"), { code: "EBUSY", errno: -16 });
    };
    syncBuiltinESMExports();
    try {
      const catalog = lmdbCatalog({ directory });
      await (await catalog.acquire("desk-1")).release();
      assert.equal(await readdir(instance), [".removed-1-busy"]);
      assert.equal(await catalog.list(), []);
    } finally {
      fs.rm = rm;
      syncBuiltinESMExports();
    }
  });
});

test("the reserve of a run that was never started is given back, and nothing else of it", async () => {
  await inTemporaryFolder(async (directory) => {
    const instance = path.join(directory, "desk-1");
    for (const runId of ["1-never", "2-started"]) {
      await mkdir(path.join(instance, runId), { recursive: true });
      await writeFile(path.join(instance, runId, "reserve"), "room");
      await writeFile(path.join(instance, runId, "data.mdb"), "perhaps data");
    }
    await writeFile(path.join(instance, "2-started", "manifest.json"), "whatever");
    await (await lmdbCatalog({ directory }).acquire("desk-1")).release();
    assert.equal(await readdir(path.join(instance, "1-never")), ["data.mdb"]);
    const kept = (await readdir(path.join(instance, "2-started"))).toSorted();
    assert.equal(kept, ["data.mdb", "manifest.json", "reserve"]);
  });
});

test.run();
