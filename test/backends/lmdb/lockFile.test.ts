import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reserveLockFile } from "../../../src/backends/lmdb/lockFile.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("lockFile");

test("a file that is there stays, whatever is in it", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, "lock.mdb");
    await writeFile(file, "in use");
    await reserveLockFile(folder);
    assert.is(await readFile(file, "utf8"), "in use");
    assert.equal(await readdir(folder), ["lock.mdb"]);
  });
});

for (const [title, make] of [
  ["a folder", (file: string) => mkdir(path.join(file, "kept"), { recursive: true })],
  ["a link to nothing", (file: string) => symlink("/nonexistent/lock.mdb", file)],
] as const) {
  test(`${title} in its place is moved aside, and the file is made`, async () => {
    await inTemporaryFolder(async (folder) => {
      const file = path.join(folder, "lock.mdb");
      await make(file);
      await reserveLockFile(folder);
      const stats = await stat(file);
      assert.ok(stats.isFile());
      assert.ok(stats.size > 0);
      const names = await readdir(folder);
      assert.is(names.length, 2, "what was there is still there");
    });
  });
}

test.run();
