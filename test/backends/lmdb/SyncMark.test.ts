import fs, { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkFoundFile } from "../../../src/backends/lmdb/checkFoundFile.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { reserveLockFile } from "../../../src/backends/lmdb/lockFile.ts";
import { notedTxnids, SyncMark } from "../../../src/backends/lmdb/SyncMark.ts";
import { lastTxnidIn, noteSynced, syncedTxnid } from "./noteSynced.ts";
import { frameOf } from "./sampleFrames.ts";
import { throws } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("SyncMark");
const PAGE_BYTES = 4_096;

test("a writer that wakes behind its fencing does not touch the note of a successor", () =>
  inTemporaryFolder(async (folder) => {
    await reserveLockFile(folder);
    const marks = [1, 2, 3, 4, 5].map((epoch) => new SyncMark(folder, epoch));
    for (const [at, zombie] of marks.slice(0, -1).entries()) {
      marks.at(-1)?.note(50);
      zombie.note(10 + at);
      assert.is(syncedTxnid(folder), 50);
    }
    for (const mark of marks) mark.close();
  }));

test("a new writer forgets all notes, which may be of another file", () =>
  inTemporaryFolder(async (folder) => {
    await reserveLockFile(folder);
    for (const epoch of [1, 2, 3]) {
      noteSynced(folder, 1_000);
      new SyncMark(folder, epoch).close();
      assert.equal(notedTxnids(folder), []);
    }
  }));

test("notes all of a number where the system takes less of it at a time", () =>
  inTemporaryFolder(async (folder) => {
    await reserveLockFile(folder);
    const { writeSync } = fs;
    const taken = [0, 3, 5];
    const writeLess = (file: number, bytes: Uint8Array, ...[from, , at]: number[]): number =>
      writeSync(file, bytes, from, taken.shift() ?? bytes.length, at);
    const mark = new SyncMark(folder, 1);
    fs.writeSync = writeLess as typeof writeSync;
    syncBuiltinESMExports();
    try {
      mark.note(2 ** 40 + 7);
    } finally {
      fs.writeSync = writeSync;
      syncBuiltinESMExports();
    }
    mark.close();
    assert.equal([taken, notedTxnids(folder)], [[], [2 ** 40 + 7]]);
  }));

test("there is no note where there is no file, and where none can be opened that is told", () =>
  inTemporaryFolder(async (folder) => {
    const lock = path.join(folder, "lock.mdb");
    assert.equal(notedTxnids(folder), []);
    mkdirSync(lock);
    assert.equal(notedTxnids(folder), []);
    rmSync(lock, { recursive: true });
    await reserveLockFile(folder);
    noteSynced(folder, 5);
    const { openSync } = fs;
    fs.openSync = () => {
      throw Object.assign(new Error("too many files"), { code: "EMFILE" });
    };
    syncBuiltinESMExports();
    try {
      assert.throws(() => notedTxnids(folder), /too many files/);
    } finally {
      fs.openSync = openSync;
      syncBuiltinESMExports();
    }
    assert.equal(notedTxnids(folder), [5]);
  }));

test("only a note of the last transaction makes damage of what is torn", () =>
  inTemporaryFolder(async (folder) => {
    const writer = await LogWriter.open({ folder, mode: "create", runId: "run-1" });
    writer.append([frameOf(1).bytes]);
    const data = path.join(folder, "data.mdb");
    const image = readFileSync(data);
    writer.append([frameOf(2).bytes]);
    await writer.close();
    const last = lastTxnidIn(folder);
    // Of the last commit nothing but the meta page has got to the disk.
    const at = (last % 2) * PAGE_BYTES;
    readFileSync(data).copy(image, at, at, at + PAGE_BYTES);
    for (const noted of [last - 1, last + 1, last + 1_000, last]) {
      writeFileSync(data, image);
      noteSynced(folder, noted);
      if (noted === last) throws(() => checkFoundFile(folder), { code: "TIDEMARK_CORRUPTED" });
      else checkFoundFile(folder);
    }
  }));

test.run();
