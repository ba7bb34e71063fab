import { existsSync } from "node:fs";
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { freeBytesOf, RESERVED_DISK_BYTES } from "../../../src/backends/lmdb/classifyError.ts";
import { DamagedBackend } from "../../../src/backends/lmdb/DamagedBackend.ts";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { rejects } from "./rejection.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { crashedRun } from "./sampleRuns.ts";
import { inSmallDisk } from "./smallDisk.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("recoverRun");
const RUN_ID = manifestOf(1n).runId;

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
    // A look meanwhile disturbs nobody.
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

/** Whether what was kept for the end of a run is there before it is recovered, and after. */
async function isKeptIn(directory: string): Promise<readonly boolean[]> {
  const reserve = path.join(await crashedRun(directory), "reserve");
  const before = existsSync(reserve);
  const lease = await lmdbCatalog({ directory }).acquire("desk-1");
  const backend = await lease.recover(RUN_ID);
  const after = existsSync(reserve);
  await backend.seal("crashed-recovered");
  await backend.close();
  await lease.release();
  return [before, after];
}

test("what was kept for the end of a run is given back for it where the disk is nearly full", async () => {
  await inTemporaryFolder(async (directory) => {
    const isNearlyFull = freeBytesOf(directory) < RESERVED_DISK_BYTES;
    assert.equal(await isKeptIn(directory), [true, !isNearlyFull]);
  });
  const isMounted = await inSmallDisk(48, async ({ directory }) => {
    assert.equal(await isKeptIn(directory), [true, false]);
  });
  if (!isMounted) console.log("Skipped: a nearly full disk (none can be mounted here)");
});

test.run();
