import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, stat, truncate } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openEnvironment } from "../../../src/backends/lmdb/environment.ts";
import { frameKey } from "../../../src/backends/lmdb/keys.ts";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { decodeFrame } from "../../../src/format/decodeFrame.ts";
import { ended, startProgram } from "./childProcess.ts";
import { rejects } from "./rejection.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { crashedRun } from "./sampleRuns.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("LmdbBackend");
const RUN_ID = manifestOf(1n).runId;

test("a backend that was given up rejects everything, and its lease says so", async () => {
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
      backend.indexKinds(),
      backend.latestSnapshotAnchor(),
      backend.close(),
    ]) {
      await rejects(call as Promise<unknown>, failed);
    }
    await rejects(catalog.acquire("desk-1"), { code: "TIDEMARK_LOCKED", halted: true });
    // Its writer is killed: once that is gone, nothing can land any more.
    await lease.release();
    await (await catalog.acquire("desk-1")).release();
  });
});

test("a frame that was appended before is refused, and the backend goes on", async () => {
  await inTemporaryFolder(async (directory) => {
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const backend = await lease.create(manifestOf(1n));
    const frame = frameOf(1);
    await backend.append([frame]);
    await rejects(backend.append([frame]) as Promise<unknown>, { code: "TIDEMARK_OUT_OF_ORDER" });
    // A view on more than its frame stands for the frame alone.
    const { bytes, ...head } = frameOf(2);
    const shared = new Uint8Array(bytes.byteLength + 64).fill(7);
    shared.set(bytes, 9);
    await backend.append([{ ...head, bytes: shared.subarray(9, 9 + bytes.byteLength) }]);
    assert.is(backend.watermark, 2);
    const [first, second] = (await backend.framesFrom(1)) as Uint8Array[];
    assert.equal(
      [first, second].map((stored) => stored?.byteLength),
      [frame.bytes.byteLength, bytes.byteLength],
    );
    await backend.close();
    await lease.release();
  });
});

test("reads show what the writer process has told, whatever becomes of lock.mdb", async () => {
  await inTemporaryFolder(async (directory) => {
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const folder = path.join(directory, "desk-1", RUN_ID);
    const backend = await lease.create(manifestOf(1n));
    await backend.append([frameOf(1)]);
    await rm(path.join(folder, "lock.mdb"));
    const seen = async (): Promise<number> =>
      ((await backend.framesFrom(1)) as Uint8Array[]).length;
    assert.is(await seen(), 1);
    // A commit that is under way: nobody has told of it.
    const environment = await openEnvironment(folder);
    environment.transactionSync(() => {
      environment.putSync(frameKey(2), Buffer.from(frameOf(2).bytes));
    });
    await environment.close();
    assert.is(await seen(), 1);
    backend.fail?.();
    await lease.release();
  });
});

test("what was acknowledged is read at once, anchors as well as entries", async () => {
  await inTemporaryFolder(async (directory) => {
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const backend = await lease.create(manifestOf(1n));
    for (let seq = 1; seq <= 20; seq += 1) {
      const anchor = { highWatermark: seq - 1, blobRef: `blob ${seq}`, contentHash: "c" };
      const anchored = backend.recordSnapshotAnchor(anchor) as Promise<void>;
      await backend.append([frameOf(seq)]);
      assert.is(((await backend.framesFrom(seq)) as Uint8Array[]).length, 1);
      await anchored;
      assert.equal(await backend.latestSnapshotAnchor(), anchor);
    }
    await backend.seal("ended");
    assert.is(((await backend.framesFrom(20)) as Uint8Array[]).length, 1);
    await backend.close();
    await lease.release();
  });
});

test("a transaction that is larger than the pipe arrives whole", async () => {
  await inTemporaryFolder(async (directory) => {
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const backend = await lease.create(manifestOf(1n));
    const payload = randomBytes(3 * 2 ** 20);
    const frames = [1, 2, 3, 4].map((seq) => frameOf(seq, 1, { payload }));
    await backend.append(frames);
    const page = (await backend.framesFrom(4)) as Uint8Array[];
    const entry = decodeFrame(page[0] ?? new Uint8Array(0)).entryAt(4);
    assert.is(Buffer.compare(entry?.payload ?? Buffer.of(), payload), 0);
    await backend.close();
    await lease.release();
  });
});

test("what is kept for the end of a run is there until it is about to end", async () => {
  await inTemporaryFolder(async (directory) => {
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const reserve = path.join(directory, "desk-1", RUN_ID, "reserve");
    const backend = await lease.create(manifestOf(1n));
    await backend.append([frameOf(1)]);
    const { size, blocks, mode } = await stat(reserve);
    assert.is(size, 4 * 2 ** 20);
    assert.ok(blocks * 512 >= size, "it takes less than it says");
    assert.is(mode & 0o777, 0o600);
    await (backend.finishing?.() as Promise<void>);
    assert.not(existsSync(reserve));
    await (backend.finishing?.() as Promise<void>);
    await backend.append([frameOf(2)]);
    await backend.seal("ended");
    await backend.close();
    await lease.release();
  });
});

test("a sealed run keeps nothing back, whoever sealed it", async () => {
  await inTemporaryFolder(async (directory) => {
    const catalog = lmdbCatalog({ directory });
    const run = await crashedRun(directory);
    const reserve = path.join(run, "reserve");
    assert.ok(existsSync(reserve));
    const lease = await catalog.acquire("desk-1");
    const backend = await lease.recover(RUN_ID);
    await backend.seal("crashed-recovered");
    assert.not(existsSync(reserve));
    await backend.close();
    const damaged = await lease.create(manifestOf(2n));
    await damaged.close();
    const other = path.join(directory, "desk-1", manifestOf(2n).runId);
    await truncate(path.join(other, "data.mdb"), 0);
    const unusable = await lease.recover(manifestOf(2n).runId);
    await unusable.seal("quarantined");
    assert.not(existsSync(path.join(other, "reserve")));
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
