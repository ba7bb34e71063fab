import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataFile } from "../../../src/backends/lmdb/DataFile.ts";
import { AT_TXNID } from "../../../src/backends/lmdb/datafile/metas.ts";
import { openEnvironment } from "../../../src/backends/lmdb/environment.ts";
import { throws } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { usedBytesOf } from "./usedBytes.ts";

const test = suite("DataFile");
const MIB = 2 ** 20;

/** A file of LMDB's, and how much of it LMDB says is used. */
async function withFile(
  step: (file: DataFile, at: string, usedBytes: number) => void,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const environment = await openEnvironment(folder);
    for (let commits = 0; commits < 3; commits += 1) {
      environment.transactionSync(() => {
        environment.putSync(Buffer.from("key"), Buffer.alloc(20_000, 0xab));
      });
    }
    const usedBytes = usedBytesOf(environment);
    await environment.close();
    const file = new DataFile(folder);
    try {
      step(file, path.join(folder, "data.mdb"), usedBytes);
    } finally {
      file.close();
    }
  });
}

test("tells what LMDB has used", async () => {
  await withFile((file, _, usedBytes) => {
    file.appendZeros(MIB);
    assert.is(file.usedBytes(), usedBytes);
    assert.is(file.pageBytes, 4_096);
  });
});

test("the last transaction is the one whose meta page has the one before beside it", async () => {
  await withFile((file, at) => {
    const last = file.lastTxnid();
    assert.equal(
      [last - 1, last, last + 1].map((txnid) => file.isLast(txnid)),
      [false, true, false],
    );
    const bytes = readFileSync(at);
    bytes.writeBigUInt64LE(BigInt(last + 2), (last % 2) * 4_096 + AT_TXNID);
    writeFileSync(at, bytes);
    assert.is(file.isLast(last), false);
    // What LMDB writes back where it could not write a meta page.
    bytes.writeBigUInt64LE(BigInt(last - 2), (last % 2) * 4_096 + AT_TXNID);
    writeFileSync(at, bytes);
    assert.is(file.isLast(last), false);
    writeFileSync(at, bytes.subarray(0, 4_096));
    assert.is(file.isLast(last), false);
  });
});

test("zeros come behind the end of the file, and no byte before it changes", async () => {
  await withFile((file, at) => {
    // Another process wrote behind the end that was known here.
    appendFileSync(at, Buffer.alloc(4_096, 0xcd));
    const before = readFileSync(at);
    assert.is(file.appendZeros(MIB + 5), undefined);
    const after = readFileSync(at);
    assert.is(after.byteLength, before.byteLength + MIB + 5);
    assert.ok(after.subarray(0, before.byteLength).equals(before));
    assert.ok(after.subarray(before.byteLength).equals(Buffer.alloc(MIB + 5)));
    assert.is(file.sizeBytes, after.byteLength);
  });
});

test("what is not used is cut off, and nothing else", async () => {
  await withFile((file, at, usedBytes) => {
    file.truncate();
    const before = readFileSync(at);
    assert.is(before.byteLength, usedBytes);
    file.appendZeros(MIB);
    file.truncate();
    assert.ok(readFileSync(at).equals(before));
  });
});

test("a file that was removed or replaced is told", async () => {
  await withFile((file, at) => {
    file.checkInPlace();
    const bytes = readFileSync(at);
    renameSync(at, `${at}.away`);
    throws(() => file.checkInPlace(), { code: "TIDEMARK_CORRUPTED" });
    writeFileSync(at, bytes);
    throws(() => file.checkInPlace(), { code: "TIDEMARK_CORRUPTED" });
  });
});

test("a file that is none of LMDB's is told, and none is made where there is none", async () => {
  await inTemporaryFolder(async (folder) => {
    const at = path.join(folder, "data.mdb");
    assert.throws(
      () => new DataFile(folder),
      (error: NodeJS.ErrnoException) => error.code === "ENOENT",
    );
    assert.is(statSync(at, { throwIfNoEntry: false }), undefined);
    writeFileSync(at, Buffer.alloc(8_192));
    throws(() => new DataFile(folder), { code: "TIDEMARK_CORRUPTED" });
    writeFileSync(at, "");
    throws(() => new DataFile(folder), { code: "TIDEMARK_CORRUPTED" });
  });
});

test.run();
