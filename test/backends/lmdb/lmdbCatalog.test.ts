import { spawnSync } from "node:child_process";
import {
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DamagedBackend } from "../../../src/backends/lmdb/DamagedBackend.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { ended, startProgram } from "./childProcess.ts";
import { rejects, throws } from "./rejection.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("lmdbCatalog");
const RUN_ID = manifestOf(1n).runId;

/** A run with two entries that nobody has sealed, and nobody writes any more. */
async function crashedRun(directory: string, startTsInit = 1n): Promise<string> {
  const lease = await lmdbCatalog({ directory }).acquire("desk-1");
  const manifest = manifestOf(startTsInit);
  const backend = await lease.create(manifest);
  await backend.append([frameOf(1, 2)]);
  await backend.close();
  await lease.release();
  return path.join(directory, "desk-1", manifest.runId);
}

async function sealedRun(directory: string, startTsInit: bigint): Promise<void> {
  await crashedRun(directory, startTsInit);
  const lease = await lmdbCatalog({ directory }).acquire("desk-1");
  const backend = await lease.recover(manifestOf(startTsInit).runId);
  await backend.seal("ended");
  await backend.close();
  await lease.release();
}

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
    for (const name of ["data.mdb", "lock.mdb", "manifest.json"]) {
      assert.is((await stat(path.join(run, name))).mode & 0o777, 0o600, name);
    }
    assert.equal((await readdir(run)).toSorted(), ["data.mdb", "lock.mdb", "manifest.json"]);
  });
});

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
      await rejects(catalog.remove(id, RUN_ID), { code: "TIDEMARK_INVALID_CONFIG" });
    }
    assert.equal(await readdir(directory), []);
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

if (process.platform === "linux") {
  test("a creation for which there is no room is the disk's error, and leaves nothing", async () => {
    await inTemporaryFolder(async (directory) => {
      const program = path.resolve("test/backends/lmdb/programs/createRun.ts");
      const flags = ["--conditions=tidemark-source", "--import", "tsx"];
      const { stdout, status } = spawnSync(
        "bash",
        ["-c", 'ulimit -f 100; exec "$0" "$@"', process.execPath, ...flags, program, directory],
        { encoding: "utf8" },
      );
      assert.is(stdout, "TIDEMARK_DISK, 0 left\n");
      assert.is(status, 0);
    });
  });
}

test("folders of an instance or a run that are links are refused", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = path.join(folder, "runs");
    const catalog = lmdbCatalog({ directory });
    const run = await crashedRun(directory);
    await rename(run, path.join(folder, "elsewhere"));
    await symlink(path.join(folder, "elsewhere"), run);
    const corrupted = { code: "TIDEMARK_CORRUPTED" };
    await rejects(catalog.read("desk-1", RUN_ID), corrupted);
    await rejects(catalog.remove("desk-1", RUN_ID), corrupted);
    const lease = await catalog.acquire("desk-1");
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

test("a run whose data.mdb must not be opened is sealed and not touched", async () => {
  const damages: readonly ((file: string) => Promise<void>)[] = [
    (file) => truncate(file, 0),
    (file) => truncate(file, 4_096),
    (file) => writeFile(file, Buffer.alloc(65_536)),
    (file) => writeFile(file, "no environment at all"),
    (file) => rm(file),
    async (file) => {
      const bytes = await readFile(file);
      bytes[4_096 + 24] = 0;
      await writeFile(file, bytes);
    },
  ];
  for (const damage of damages) {
    await inTemporaryFolder(async (directory) => {
      const run = await crashedRun(directory);
      const file = path.join(run, "data.mdb");
      await damage(file);
      const before = await readFile(file).catch(() => undefined);
      const catalog = lmdbCatalog({ directory });
      await rejects(catalog.read("desk-1", RUN_ID), { code: "TIDEMARK_CORRUPTED" });
      const lease = await catalog.acquire("desk-1");
      const backend = await lease.recover(RUN_ID);
      assert.instance(backend, DamagedBackend);
      await rejects(backend.framesFrom(1) as Promise<unknown>, { code: "TIDEMARK_CORRUPTED" });
      const sealed = (await backend.seal("quarantined")) as { status: string };
      assert.is(sealed.status, "quarantined");
      await backend.close();
      await lease.release();
      assert.equal(await readFile(file).catch(() => undefined), before);
      assert.is((await catalog.list("desk-1"))[0]?.manifest.status, "quarantined");
    });
  }
});

test("a run that is open for reading here is recovered, and the reader goes on", async () => {
  await inTemporaryFolder(async (directory) => {
    await crashedRun(directory);
    const catalog = lmdbCatalog({ directory });
    const reader = await LmdbRunLog.open(path.join(directory, "desk-1", RUN_ID));
    const lease = await catalog.acquire("desk-1");
    const recovering = lease.recover(RUN_ID);
    // While the writer opens, a look waits.
    assert.is((await reader.framesFrom(1)).length, 1);
    const backend = await recovering;
    await backend.append([frameOf(3)]);
    assert.is(await reader.refresh(), 3);
    assert.is((await reader.framesFrom(3)).length, 1);
    await backend.seal("crashed-recovered");
    await backend.close();
    await reader.refresh();
    assert.is(reader.manifest.status, "crashed-recovered");
    await reader.close();
    await lease.release();
  });
});

test("a backend that was given up rejects everything, and its lease says so until it is given back", async () => {
  await inTemporaryFolder(async (directory) => {
    const catalog = lmdbCatalog({ directory });
    const lease = await catalog.acquire("desk-1");
    const backend = await lease.create(manifestOf(1n));
    const outstanding = backend.append([frameOf(1)]) as Promise<unknown>;
    backend.fail?.();
    const failed = { code: "TIDEMARK_BACKEND" };
    await rejects(outstanding, failed);
    for (const call of [
      backend.append([frameOf(2)]),
      backend.recordSnapshotAnchor({ highWatermark: 0, blobRef: "b", contentHash: "c" }),
      backend.seal("ended"),
      backend.refresh(),
      backend.framesFrom(1),
      backend.lookup("a", "b"),
      backend.indexKeys("a"),
      backend.latestSnapshotAnchor(),
      backend.close(),
    ]) {
      await rejects(call as Promise<unknown>, failed);
    }
    await rejects(catalog.acquire("desk-1"), { code: "TIDEMARK_LOCKED", halted: true });
    await lease.release();
    await (await catalog.acquire("desk-1")).release();
  });
});

test("a frame that was handed over before is refused, and the backend goes on", async () => {
  await inTemporaryFolder(async (directory) => {
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const backend = await lease.create(manifestOf(1n));
    const frame = frameOf(1);
    await backend.append([frame]);
    await rejects(backend.append([frame]) as Promise<unknown>, { code: "TIDEMARK_CORRUPTED" });
    // A view on more than its frame is copied, so that nobody else loses bytes.
    const { bytes, ...head } = frameOf(2);
    const shared = new Uint8Array(bytes.byteLength + 64);
    shared.set(bytes, 8);
    const view = shared.subarray(8, 8 + bytes.byteLength);
    await backend.append([{ ...head, bytes: view }]);
    assert.is(shared.byteLength, bytes.byteLength + 64);
    assert.is(backend.watermark, 2);
    await backend.close();
    await lease.release();
  });
});

test("a seal that cannot be written down rejects, and the run is found unsealed", async () => {
  await inTemporaryFolder(async (directory) => {
    const catalog = lmdbCatalog({ directory });
    const lease = await catalog.acquire("desk-1");
    const backend = await lease.create(manifestOf(1n));
    await backend.append([frameOf(1)]);
    const draft = path.join(directory, "desk-1", RUN_ID, "manifest.json.tmp");
    await mkdir(draft);
    await rejects(backend.seal("ended") as Promise<unknown>, { code: "TIDEMARK_BACKEND" });
    await rejects(backend.close() as Promise<unknown>, { code: "TIDEMARK_BACKEND" });
    const [run] = await catalog.list("desk-1");
    assert.is(run?.manifest.status, "running");
    assert.is(run?.watermark, 1);
    await lease.release();
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
    await (await catalog.acquire("desk-1")).release();
    assert.equal(await readdir(instance), [RUN_ID]);
    await catalog.remove("desk-1", RUN_ID);
    assert.equal(await readdir(instance), []);
  });
});

test("a program that forgets to close ends by itself, and loses nothing", async () => {
  await inTemporaryFolder(async (directory) => {
    assert.is(await ended(startProgram("forgetToClose", directory)), 0);
    const log = await lmdbCatalog({ directory }).read("desk-1", RUN_ID);
    assert.is(log.watermark, 2);
    assert.is(log.manifest.status, "running");
    await log.close();
  });
});

test.run();
