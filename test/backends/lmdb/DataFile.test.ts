import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataFile } from "../../../src/backends/lmdb/DataFile.ts";
import { throws } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("DataFile");
const MIB = 2 ** 20;

async function withFile(size: number, step: (file: DataFile, at: string) => void): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const at = path.join(folder, "data.mdb");
    writeFileSync(at, Buffer.alloc(size, 0xab));
    const file = new DataFile(folder);
    try {
      step(file, at);
    } finally {
      file.close();
    }
  });
}

test("zeros come behind the end of the file, and no byte before it changes", async () => {
  await withFile(20_480, (file, at) => {
    // Another process wrote behind the end that was known here.
    appendFileSync(at, Buffer.alloc(4_096, 0xcd));
    file.extend(8_192, 28_000);
    const bytes = readFileSync(at);
    assert.is(bytes.byteLength, 24_576 + MIB);
    assert.ok(bytes.subarray(0, 20_480).equals(Buffer.alloc(20_480, 0xab)));
    assert.ok(bytes.subarray(20_480, 24_576).equals(Buffer.alloc(4_096, 0xcd)));
    assert.ok(bytes.subarray(24_576).equals(Buffer.alloc(MIB)));
  });
});

test("the file is left alone while it has room for commits like the last one", async () => {
  await withFile(2 * MIB, (file, at) => {
    file.extend(MIB, 28_000);
    assert.is(statSync(at).size, 2 * MIB);
    file.extend(MIB, MIB);
    assert.is(statSync(at).size, 5 * MIB);
  });
});

test("a large file grows by 4 MiB and never more", async () => {
  await withFile(30 * MIB, (file, at) => {
    file.extend(30 * MIB, 16 * MIB);
    assert.is(statSync(at).size, 34 * MIB);
  });
});

test("what is not used is cut off, and nothing else", async () => {
  await withFile(20_480, (file, at) => {
    file.extend(20_480, 0);
    file.truncate(20_480);
    assert.ok(readFileSync(at).equals(Buffer.alloc(20_480, 0xab)));
    file.truncate(MIB);
    assert.is(statSync(at).size, 20_480);
  });
});

test("a file that was removed or replaced is told", async () => {
  await withFile(20_480, (file, at) => {
    file.checkInPlace();
    renameSync(at, `${at}.away`);
    throws(() => file.checkInPlace(), { code: "TIDEMARK_CORRUPTED" });
    writeFileSync(at, Buffer.alloc(20_480, 0xab));
    throws(() => file.checkInPlace(), { code: "TIDEMARK_CORRUPTED" });
  });
});

test("an extension that fails is no failure, and is not tried again", async () => {
  await inTemporaryFolder(async (folder) => {
    writeFileSync(path.join(folder, "data.mdb"), "");
    const file = new DataFile(folder);
    file.close();
    file.extend(0, 0);
    assert.is(statSync(path.join(folder, "data.mdb")).size, 0);
  });
});

test("is looked at only when the room that was known may be used up", async () => {
  await withFile(20_480, (file, at) => {
    assert.is(file.isDue(28_000), true);
    file.extend(20_480, 28_000);
    const dues = [1, 2, 3, 4].map(() => file.isDue(28_000));
    assert.equal(dues, [false, false, true, true]);
    file.extend(20_480 + 3 * 28_000, 28_000);
    assert.is(statSync(at).size, 20_480 + MIB);
    assert.is(file.isDue(28_000), false);
    assert.is(file.isDue(4 * MIB), true);
  });
});

test.run();
