import { closeSync, copyFileSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DurableTransactions } from "../../../src/backends/lmdb/DurableTransactions.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("DurableTransactions");
const AT_TXNID = 8;

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

/** What LMDB has noted as the last transaction whose commit has returned. */
function notedTxnid(folder: string): number {
  const file = openSync(path.join(folder, "lock.mdb"), "r");
  const bytes = Buffer.alloc(8);
  readSync(file, bytes, 0, 8, AT_TXNID);
  closeSync(file);
  return Number(bytes.readBigUInt64LE());
}

function note(folder: string, txnid: number): void {
  const file = openSync(path.join(folder, "lock.mdb"), "r+");
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(txnid));
  writeSync(file, bytes, 0, 8, AT_TXNID);
  closeSync(file);
}

test("a commit that has returned is on disk, and one that comes right behind it is not yet", () =>
  withWriter(async (folder) => {
    const last = notedTxnid(folder);
    const durable = new DurableTransactions(folder);
    assert.is(durable.isDurable(last), true);
    assert.is(durable.isDurable(last - 1), true);
    assert.is(durable.isDurable(last + 1), false);
  }));

test("a reader does not see a commit before it has returned", () =>
  withWriter(async (folder, writer) => {
    const last = notedTxnid(folder);
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 2);
    writer.append([frameOf(3, 1).bytes]);
    note(folder, last);
    assert.is(await log.refresh(), 2);
    assert.is((await log.framesFrom(1)).length, 2);
    note(folder, last + 1);
    assert.is(await log.refresh(), 3);
    assert.is((await log.framesFrom(1)).length, 3);
    await log.close();
  }));

test("what a writer that was killed has left half-way is forced to disk, and then seen", () =>
  withWriter(async (folder) => {
    note(folder, notedTxnid(folder) - 1);
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

test("a lock file that is none, or of another time, says nothing", () =>
  withWriter(async (folder) => {
    const last = notedTxnid(folder);
    const lock = path.join(folder, "lock.mdb");
    copyFileSync(lock, `${lock}.kept`);
    const isDurable = (): boolean => new DurableTransactions(folder).isDurable(last);
    for (const txnid of [last - 2, last + 1, 0]) {
      note(folder, txnid);
      assert.is(isDurable(), true, String(txnid));
    }
    const file = openSync(lock, "r+");
    note(folder, last - 1);
    assert.is(isDurable(), false);
    writeSync(file, Buffer.alloc(4), 0, 4, 0);
    closeSync(file);
    assert.is(isDurable(), true);
    rmSync(lock);
    assert.is(isDurable(), true);
    copyFileSync(`${lock}.kept`, lock);
  }));

test.run();
