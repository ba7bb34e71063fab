import { mkdirSync, renameSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DurableTransactions } from "../../../src/backends/lmdb/DurableTransactions.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { isSynced, SyncMark, syncedTxnid } from "../../../src/backends/lmdb/SyncMark.ts";
import { insteadOfSyncs } from "./insteadOfSyncs.ts";
import { noteSynced } from "./noteSynced.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("DurableTransactions");

/** A run whose writer is open; its last transaction is the one with the second frame. */
async function withWriter(
  step: (folder: string, writer: LogWriter) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (directory) => {
    const folder = path.join(directory, "desk-1", manifestOf(1n).runId);
    mkdirSync(folder, { recursive: true });
    const writer = await LogWriter.open({ folder, mode: "create", runId: manifestOf(1n).runId });
    await writeManifest(folder, manifestOf(1n));
    writer.append([frameOf(1, 1).bytes]);
    writer.append([frameOf(2, 1).bytes]);
    await step(folder, writer);
    await writer.close();
  });
}

test("a commit that has returned is on disk, and one that comes right behind it is not yet", () =>
  withWriter(async (folder) => {
    const last = syncedTxnid(folder);
    const durable = new DurableTransactions(folder);
    assert.is(durable.isDurable(last), true);
    assert.is(durable.isDurable(last - 1), true);
    assert.is(durable.isDurable(last + 1), false);
  }));

test("a reader does not see a commit before it has returned", () =>
  withWriter(async (folder, writer) => {
    const last = syncedTxnid(folder);
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 2);
    writer.append([frameOf(3, 1).bytes]);
    noteSynced(folder, last);
    assert.is(await log.refresh(), 2);
    assert.is((await log.framesFrom(1)).length, 2);
    noteSynced(folder, last + 1);
    assert.is(await log.refresh(), 3);
    assert.is((await log.framesFrom(1)).length, 3);
    await log.close();
  }));

test("a commit whose sync has not returned is shown to nobody, in whatever process", () =>
  withWriter(async (folder, writer) => {
    const durable = new DurableTransactions(folder);
    const readers = [
      new LmdbReads(folder, (txnid) => durable.isDurable(txnid)),
      new LmdbReads(folder, (txnid) => isSynced(folder, txnid)),
    ];
    const looks: Promise<unknown>[] = [];
    const look = (): void => {
      for (const reads of readers) looks.push(reads.watermark(), reads.lookup("id", "k"));
    };
    const lookAround = (sync: () => void): void => {
      look();
      sync();
      look();
    };
    await insteadOfSyncs(lookAround, async () => {
      writer.append([frameOf(3, 1, { indexKeys: [{ kind: "id", key: "k" }] }).bytes]);
    });
    look();
    const seen = await Promise.all(looks);
    assert.equal(seen.slice(0, 8), [2, undefined, 2, undefined, 2, undefined, 2, undefined]);
    assert.equal(seen.slice(8), [3, 3, 3, 3]);
    for (const reads of readers) await reads.close();
  }));

test("what a writer that was killed has left half-way is forced to disk, and then seen", () =>
  withWriter(async (folder) => {
    noteSynced(folder, syncedTxnid(folder) - 1);
    const durable = new DurableTransactions(folder);
    const reads = new LmdbReads(folder, (txnid) => durable.isDurable(txnid));
    assert.is(await durable.settle(true), false);
    assert.is(await reads.watermark(), 1);
    // It was only just found: its writer may be at it.
    assert.is(await durable.settle(false), false);
    assert.is(await reads.watermark(), 1);
    assert.is(await durable.settle(true), true);
    assert.is(await reads.watermark(), 2);
    await reads.close();
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 2);
    await log.close();
  }));

test("a note that is missing or behind says nothing, and one of another file is none", () =>
  withWriter(async (folder) => {
    const last = syncedTxnid(folder);
    const lock = path.join(folder, "lock.mdb");
    const isDurable = (): boolean => new DurableTransactions(folder).isDurable(last);
    for (const txnid of [0, last - 2, last - 1]) {
      noteSynced(folder, txnid);
      assert.is(isDurable(), false, String(txnid));
    }
    noteSynced(folder, last);
    assert.is(isDurable(), true);
    noteSynced(folder, last + 1_000);
    const heir = new SyncMark(folder, 2);
    assert.is(isDurable(), false);
    heir.note(last);
    heir.close();
    assert.is(isDurable(), true);
    renameSync(lock, `${lock}.away`);
    assert.is(isDurable(), false);
    assert.is(isSynced(folder, last), true);
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 2);
    await log.close();
    renameSync(`${lock}.away`, lock);
  }));

test("a writer that wakes behind its fencing does not take back the note of its successor", () =>
  withWriter(async (folder) => {
    const last = syncedTxnid(folder);
    const zombie = new SyncMark(folder, 1);
    const heir = new SyncMark(folder, 2);
    heir.note(last + 1);
    zombie.note(last);
    assert.is(syncedTxnid(folder), last + 1);
    for (const mark of [zombie, heir]) mark.close();
  }));

test.run();
