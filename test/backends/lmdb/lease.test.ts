import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { holdLease, isLeaseHeld } from "../../../src/backends/lmdb/lease.ts";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { ended, printed, startProgram } from "./childProcess.ts";
import { rejects } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("lease");

test("a folder is held once in a process, and says by whom and since when", async () => {
  await inTemporaryFolder(async (folder) => {
    const before = Date.now();
    assert.not(await isLeaseHeld(folder));
    const lease = await holdLease(folder);
    assert.ok(await isLeaseHeld(folder));
    const error = await rejects(holdLease(folder), {
      code: "TIDEMARK_LOCKED",
      holder: `pid ${process.pid}`,
      halted: undefined,
    });
    const { sinceMs } = error as unknown as { sinceMs: number };
    assert.ok(sinceMs >= before && sinceMs <= Date.now());
    await lease.release();
    await lease.release();
    assert.not(await isLeaseHeld(folder));
    await (await holdLease(folder)).release();
  });
});

test("a holder that has halted says so", async () => {
  await inTemporaryFolder(async (folder) => {
    const lease = await holdLease(folder);
    lease.markHalted();
    await rejects(holdLease(folder), { code: "TIDEMARK_LOCKED", halted: true });
    await lease.release();
  });
});

test("two folders are two leases", async () => {
  await inTemporaryFolder(async (one) => {
    await inTemporaryFolder(async (other) => {
      const leases = [await holdLease(one), await holdLease(other)];
      assert.equal(await Promise.all([one, other].map(isLeaseHeld)), [true, true]);
      await leases[0]?.release();
      assert.equal(await Promise.all([one, other].map(isLeaseHeld)), [false, true]);
      await leases[1]?.release();
    });
  });
});

test("a folder that is removed while it is held takes no other one with it", async () => {
  await inTemporaryFolder(async (folder) => {
    const instance = path.join(folder, "instance");
    await mkdir(instance);
    const lease = await holdLease(instance);
    for (let turn = 0; turn < 20; turn += 1) {
      await rm(instance, { recursive: true });
      // A file system gives the inode that is free to the folder that comes next.
      await mkdir(instance);
      assert.not(await isLeaseHeld(instance));
    }
    await lease.release();
  });
});

test("another process is refused, and takes over when the holder is killed", async () => {
  await inTemporaryFolder(async (directory) => {
    const child = startProgram("holdLease", directory);
    await printed(child);
    const catalog = lmdbCatalog({ directory });
    const holder = `pid ${child.pid}`;
    await rejects(catalog.acquire("desk-1"), { code: "TIDEMARK_LOCKED", holder });
    await (await catalog.acquire("desk-2")).release();
    child.kill("SIGKILL");
    assert.is(await ended(child), "SIGKILL");
    await (await catalog.acquire("desk-1")).release();
  });
});

test("a holder that does not answer holds all the same", async () => {
  await inTemporaryFolder(async (directory) => {
    const child = startProgram("holdLease", directory);
    await printed(child);
    child.kill("SIGSTOP");
    const error = await rejects(lmdbCatalog({ directory }).acquire("desk-1"), {
      code: "TIDEMARK_LOCKED",
    });
    if (process.platform === "linux") assert.is(Reflect.get(error, "holder"), undefined);
    child.kill("SIGKILL");
    await ended(child);
  });
});

test.run();
