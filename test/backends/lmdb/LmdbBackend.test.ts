import { mkdir } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { ended, startProgram } from "./childProcess.ts";
import { rejects } from "./rejection.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
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
      backend.latestSnapshotAnchor(),
      backend.close(),
    ]) {
      await rejects(call as Promise<unknown>, failed);
    }
    await rejects(catalog.acquire("desk-1"), { code: "TIDEMARK_LOCKED", halted: true });
    // A native commit may still land: nothing gives the lease back before the process ends.
    await lease.release();
    await rejects(catalog.acquire("desk-1"), { code: "TIDEMARK_LOCKED", halted: true });
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
