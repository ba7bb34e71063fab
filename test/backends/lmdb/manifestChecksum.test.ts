import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  CHECKSUM_BYTES,
  provenText,
  withChecksum,
} from "../../../src/backends/lmdb/manifestChecksum.ts";
import { readManifest, writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { encodeManifest, MAX_MANIFEST_BYTES } from "../../../src/backends/lmdb/manifestJson.ts";
import type { RunManifest } from "../../../src/model/manifest.ts";
import { rejects } from "./rejection.ts";
import { manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("manifestChecksum");

const TEXT = encodeManifest({ ...manifestOf(7n), identity: { seed: 42n, configHash: "é" } });

test("what is written is JSON still, and comes back without its checksum", () => {
  const sealed = withChecksum(TEXT);
  assert.is(Buffer.byteLength(sealed), Buffer.byteLength(TEXT) + CHECKSUM_BYTES);
  const { crc32, ...fields } = JSON.parse(sealed) as Record<string, unknown>;
  assert.type(crc32, "string");
  assert.equal(fields, JSON.parse(TEXT));
  assert.equal(Buffer.from(provenText(Buffer.from(sealed)) ?? []).toString(), TEXT);
});

test("no flipped bit passes, wherever it is", () => {
  const bytes = Buffer.from(withChecksum(TEXT));
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.is(provenText(flipped), undefined, `bit ${bit}`);
  }
});

test("neither text without a checksum nor one with bytes behind it is proven", () => {
  assert.is(provenText(Buffer.from(TEXT)), undefined);
  assert.is(provenText(Buffer.from(`${withChecksum(TEXT)}\n`)), undefined);
  assert.is(provenText(Buffer.alloc(0)), undefined);
});

test("a manifest with another start, or a field twice, is damage", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, "manifest.json");
    for (const [from, to] of [
      ['"startTsInit": "7"', '"startTsInit": "8"'],
      ['"status"', '"status": "ended",\n  "status"'],
    ] as const) {
      await writeManifest(folder, manifestOf(7n));
      const text = await readFile(file, "utf8");
      const changed = text.replace(from, to);
      assert.is.not(changed, text);
      await writeFile(file, changed);
      await rejects(readManifest(folder), { code: "TIDEMARK_CORRUPTED" });
    }
  });
});

test("the largest manifest that can be written can be read", async () => {
  await inTemporaryFolder(async (folder) => {
    const bare = encodeManifest({ ...manifestOf(7n), identity: { configHash: "" } });
    const configHash = "x".repeat(MAX_MANIFEST_BYTES - Buffer.byteLength(bare));
    const manifest: RunManifest = { ...manifestOf(7n), identity: { configHash } };
    await writeManifest(folder, manifest);
    assert.equal(await readManifest(folder), manifest);
  });
});

test.run();
