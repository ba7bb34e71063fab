import { readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listRuns, openRun, readRun, type TidemarkError } from "../../../src/index.ts";
import { anchorTxnidOf, decodeAnchor, encodeAnchor } from "../../../src/backends/lmdb/anchorRow.ts";
import { failureOf } from "../../streams/support/failureOf.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("predecessors on the disk");
const DRAFT = { topic: "t", payloadType: "p", payload: "x" };

/** A directory with one run that nobody closed, and its folder. */
async function crashed(folder: string): Promise<{ directory: string; run: string; runId: string }> {
  const directory = join(folder, "runs");
  const run = await openRun({ directory });
  await run.append(DRAFT);
  await run.abandon();
  return { directory, run: join(directory, "default", run.runId), runId: run.runId };
}

test("one whose data.mdb is empty is quarantined, not declared to have held nothing", async () => {
  await inTemporaryFolder(async (folder) => {
    const { directory, run, runId } = await crashed(folder);
    await truncate(join(run, "data.mdb"), 0);
    const next = await openRun({ directory });
    assert.equal(
      next.recovered.map(({ runId, status }) => [runId, status]),
      [[runId, "quarantined"]],
    );
    assert.is(next.manifest.parentRunId, undefined);
    await next.close();
  });
});

test("one of another format, or without a readable manifest, blocks nothing", async () => {
  await inTemporaryFolder(async (folder) => {
    const { directory, run } = await crashed(folder);
    const path = join(run, "manifest.json");
    const manifest = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    for (const text of [JSON.stringify({ ...manifest, formatVersion: 2 }), "{"]) {
      await writeFile(path, text);
      const next = await openRun({ directory });
      assert.equal(next.recovered, []);
      await next.close();
    }
    assert.is((await listRuns({ directory })).filter(({ problem }) => problem).length, 1);
  });
});

test("a link in a run's folder or beside an instance is in nobody's way", async () => {
  await inTemporaryFolder(async (folder) => {
    const { directory, run } = await crashed(folder);
    await symlink("/nonexistent", join(run, "dangling"));
    await symlink(folder, join(directory, "linked"));
    assert.is((await listRuns({ directory })).length, 1);
    const next = await openRun({ directory });
    assert.is(next.recovered[0]?.status, "crashed-recovered");
    await next.close();
  });
});

test("a path that leads through a file is no run, and no damage", async () => {
  await inTemporaryFolder(async (folder) => {
    const { directory, runId } = await crashed(folder);
    await writeFile(join(directory, "default", "file"), "");
    for (const address of [{ runId: "file" }, { instanceId: runId, runId: "file" }]) {
      const failure = await failureOf(readRun({ directory, ...address }));
      assert.is(failure.code, "TIDEMARK_NOT_FOUND");
    }
  });
});

test("no bit of an anchor's row can change unseen", () => {
  const anchor = { highWatermark: 51, blobRef: "blob", contentHash: "blake3:00" };
  const row = encodeAnchor(anchor, 7);
  assert.is(anchorTxnidOf(row), 7);
  assert.equal(decodeAnchor(row), anchor);
  for (let bit = 0; bit < row.byteLength * 8; bit += 1) {
    const flipped = Uint8Array.from(row);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    for (const decode of [decodeAnchor, anchorTxnidOf]) {
      assert.throws(
        () => decode(flipped),
        (error: TidemarkError) => error.code === "TIDEMARK_CORRUPTED",
      );
    }
  }
});

test.run();
