import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import type { LmdbBackend } from "../../../src/backends/lmdb/LmdbBackend.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("what a backend is asked in one turn");
const ANCHOR = { blobRef: "cache://1", contentHash: "c", highWatermark: 1 };

/** Asks a new backend for all of it at once, and gives what it has and says afterwards. */
async function afterOneTurn(ask: (backend: LmdbBackend) => readonly Promise<unknown>[]) {
  let watermark = 0;
  await inTemporaryFolder(async (directory) => {
    const lease = await lmdbCatalog({ directory }).acquire("desk-1");
    const backend = (await lease.create(manifestOf(1n))) as LmdbBackend;
    await Promise.all(ask(backend));
    ({ watermark } = backend);
    await backend.close();
    await lease.release();
  });
  return watermark;
}

for (const [title, ask] of [
  [
    "an append and an anchor behind it",
    (backend) => [backend.append([frameOf(1)]), backend.recordSnapshotAnchor(ANCHOR)],
  ],
  ["an append and a seal", (backend) => [backend.append([frameOf(1)]), backend.seal("ended")]],
  [
    "an append, the beginning of the end, and a close",
    (backend) => [backend.append([frameOf(1)]), backend.finishing(), backend.close()],
  ],
] as readonly (readonly [string, Parameters<typeof afterOneTurn>[0]])[]) {
  test(`is done in the order of the calls: ${title}`, async () => {
    assert.is(await afterOneTurn(ask), 1);
  });
}

test.run();
