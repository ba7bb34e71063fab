import { spawnSync } from "node:child_process";
import { mkdir, readdir, rename, stat, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readManifest, writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { rejects } from "./rejection.ts";
import { manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("manifestFile");

test("a manifest is read back, and a second one takes its place", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeManifest(folder, manifestOf(1n));
    assert.equal(await readManifest(folder), manifestOf(1n));
    const sealed = { ...manifestOf(1n), highWatermark: 3, status: "ended" } as const;
    await writeManifest(folder, sealed);
    assert.equal(await readManifest(folder), sealed);
    assert.equal(await readdir(folder), ["manifest.json"]);
  });
});

test("one that cannot take its place leaves nothing behind", async () => {
  await inTemporaryFolder(async (folder) => {
    await mkdir(path.join(folder, "manifest.json"));
    const failure = await writeManifest(folder, manifestOf(1n)).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    assert.is(failure?.code, "EISDIR");
    assert.equal(await readdir(folder), ["manifest.json"]);
  });
});

test("it belongs to its owner alone, whatever the umask", async () => {
  await inTemporaryFolder(async (folder) => {
    const umask = process.umask(0);
    try {
      await writeManifest(folder, manifestOf(1n));
    } finally {
      process.umask(umask);
    }
    const { mode } = await stat(path.join(folder, "manifest.json"));
    assert.is(mode & 0o777, 0o600);
  });
});

test("a folder without one has none", async () => {
  await inTemporaryFolder(async (folder) => {
    await rejects(readManifest(folder), { code: "TIDEMARK_NOT_FOUND" });
    await rejects(readManifest(path.join(folder, "nowhere")), { code: "TIDEMARK_NOT_FOUND" });
  });
});

test("a link, a folder, a pipe or a giant in its place is damage", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, "manifest.json");
    await writeManifest(folder, manifestOf(1n));
    await rename(file, `${file}.elsewhere`);
    await symlink(`${file}.elsewhere`, file);
    await rejects(readManifest(folder), { code: "TIDEMARK_CORRUPTED" });
    await rename(file, `${file}.link`);
    await mkdir(file);
    await rejects(readManifest(folder), { code: "TIDEMARK_CORRUPTED" });
    await rename(file, `${file}.folder`);
    await writeFile(file, "");
    await truncate(file, 2 ** 40);
    await rejects(readManifest(folder), { code: "TIDEMARK_CORRUPTED" });
    await rename(file, `${file}.giant`);
    if (spawnSync("mkfifo", [file]).status === 0) {
      await rejects(readManifest(folder), { code: "TIDEMARK_CORRUPTED" });
    }
  });
});

test.run();
