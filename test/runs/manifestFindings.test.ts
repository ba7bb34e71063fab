import { suite } from "uvu";
import * as assert from "uvu/assert";
import { memoryCatalog } from "../../src/backends/memory/memoryCatalog.ts";
import type { RunManifest } from "../../src/model/manifest.ts";
import { manifestFindings } from "../../src/runs/manifestFindings.ts";
import { verifyRun } from "../../src/runs/verifyRun.ts";

const test = suite("manifestFindings");

const SEALED: RunManifest = {
  formatVersion: 1,
  runId: "1-00000001",
  instanceId: "default",
  identity: {},
  startTsInit: 50n,
  highWatermark: 3,
  endTsInit: 42n,
  status: "ended",
};

function countOf(manifest: RunManifest, watermark: number, maxTsInit?: bigint): number {
  return manifestFindings(manifest, watermark, maxTsInit).length;
}

test("has nothing against a manifest that its entries bear out, however old they are", () => {
  assert.is(countOf(SEALED, 3, 42n), 0);
});

test("tells a watermark or an end that is not that of the entries", () => {
  assert.is(countOf(SEALED, 2, 42n), 1);
  assert.is(countOf(SEALED, 3, 41n), 1);
  assert.is(countOf(SEALED, 4, 43n), 2);
});

test("tells an end that is missing, and one of a run without entries", () => {
  const { endTsInit, ...open } = SEALED;
  assert.is(endTsInit, 42n);
  assert.is(countOf(open, 3, 42n), 1);
  assert.is(countOf({ ...SEALED, highWatermark: 0 }, 0), 1);
});

test("holds nothing against a run that is being written", () => {
  assert.is(countOf({ ...SEALED, status: "running", highWatermark: 0 }, 3, 7n), 0);
});

test("has nothing against a sealed run without entries", async () => {
  const catalog = memoryCatalog();
  const backend = await (await catalog.acquire("default")).create({ ...SEALED, status: "running" });
  backend.seal("ended");
  const { isClean, entriesScanned, highWatermark } = await verifyRun({ catalog });
  assert.equal([isClean, entriesScanned, highWatermark], [true, 0, 0]);
});

test.run();
