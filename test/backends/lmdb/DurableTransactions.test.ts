import { mkdirSync, renameSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LastTransaction } from "../../../src/backends/lmdb/datafile/LastTransaction.ts";
import { PageFile } from "../../../src/backends/lmdb/datafile/PageFile.ts";
import { DurableTransactions } from "../../../src/backends/lmdb/DurableTransactions.ts";
import { holdLease } from "../../../src/backends/lmdb/lease.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { insteadOfSyncs } from "./insteadOfSyncs.ts";
import { lastTxnidIn, noteSynced, syncedTxnid } from "./noteSynced.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { withoutWaiting } from "./withoutWaiting.ts";
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

/** How far the clock of {@link later} has been put forward. */
let aheadMs = 0;

/** Takes a step as if a minute had passed since the last one, and without waiting. */
async function later<Result>(step: () => Promise<Result>): Promise<Result> {
  const now = performance.now.bind(performance);
  aheadMs += 60_000;
  performance.now = () => now() + aheadMs;
  try {
    return await withoutWaiting(step);
  } finally {
    performance.now = now;
  }
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
    writer.append([frameOf(3, 1, { indexKeys: [{ kind: "id", key: "k" }] }).bytes]);
    noteSynced(folder, last);
    assert.is(await log.refresh(), 2);
    assert.is(await log.lookup("id", "k"), undefined);
    assert.is((await log.framesFrom(1)).length, 2);
    noteSynced(folder, last + 1);
    assert.is(await log.refresh(), 3);
    assert.is((await log.framesFrom(1)).length, 3);
    assert.is(await log.lookup("id", "k"), 3);
    await log.close();
  }));

/** Resolves when somebody asks who holds a lease. */
function askedForLease(): Promise<void> {
  const { connect } = net;
  return new Promise((resolve) => {
    net.connect = ((...args: Parameters<typeof connect>) => {
      net.connect = connect;
      syncBuiltinESMExports();
      resolve();
      return connect(...args);
    }) as typeof connect;
    syncBuiltinESMExports();
  });
}

test("a look that began earlier and ends later takes nothing back", () =>
  withWriter(async (folder, writer) => {
    const last = syncedTxnid(folder);
    const lease = await holdLease(path.dirname(folder));
    const log = await LmdbRunLog.open(folder);
    writer.append([frameOf(3, 1).bytes]);
    noteSynced(folder, last);
    assert.is(await log.refresh(), 2);
    await later(async () => {
      const asked = askedForLease();
      const early = log.refresh();
      // It has looked, and asks whether somebody writes.
      await asked;
      noteSynced(folder, last + 1);
      const [earlier, other] = await Promise.all([early, log.refresh()]);
      assert.equal([earlier, other, log.watermark], [3, 3, 3]);
    });
    await log.close();
    await lease.release();
  }));

test("a commit whose sync has not returned is shown to nobody, in whatever process", () =>
  withWriter(async (folder, writer) => {
    const durable = new DurableTransactions(folder);
    let told = writer.txnid;
    const readers = [
      new LmdbReads(folder, { isDurable: (txnid) => durable.isDurable(txnid) }),
      new LmdbReads(folder, { isDurable: (txnid) => txnid <= told }),
    ];
    const looks: Promise<unknown>[] = [];
    const look = (): void => {
      for (const reads of readers) looks.push(reads.watermark());
    };
    const lookAround = (sync: () => void): void => {
      look();
      sync();
      look();
    };
    await insteadOfSyncs(lookAround, async () => {
      writer.append([frameOf(3, 1, { indexKeys: [{ kind: "id", key: "k" }] }).bytes]);
    });
    told = writer.txnid;
    look();
    const seen = await Promise.all(looks);
    assert.equal(seen, [2, 2, 2, 2, 3, 3]);
    for (const reads of readers) {
      assert.is(await reads.lookup("id", "k"), 3);
      await reads.close();
    }
  }));

test("what a writer that was killed has left half-way is forced to disk, and then seen", () =>
  withWriter(async (folder) => {
    noteSynced(folder, syncedTxnid(folder) - 1);
    const durable = new DurableTransactions(folder);
    const reads = new LmdbReads(folder, { isDurable: (txnid) => durable.isDurable(txnid) });
    assert.is(await durable.settle({ atOnce: true }), false);
    assert.is(await reads.watermark(), 1);
    // It was only just found: its writer may be at it.
    assert.is(await durable.settle(), false);
    assert.is(await reads.watermark(), 1);
    assert.is(await durable.settle({ atOnce: true }), true);
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
    assert.is(isDurable(), false);
    noteSynced(folder, last);
    renameSync(lock, `${lock}.away`);
    assert.is(isDurable(), false);
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 2);
    await log.close();
    renameSync(`${lock}.away`, lock);
  }));

test("nothing is forced to disk for a writer that may live, and taken back by it later", () =>
  withWriter(async (folder) => {
    const lease = await holdLease(path.dirname(folder));
    noteSynced(folder, syncedTxnid(folder) - 1);
    const durable = new DurableTransactions(folder);
    const reads = new LmdbReads(folder, { isDurable: (txnid) => durable.isDurable(txnid) });
    assert.is(await reads.watermark(), 1);
    assert.is(await durable.settle({ atOnce: true }), false);
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 1);
    assert.is(await later(() => log.refresh()), 1);
    assert.is(await reads.watermark(), 1);
    await lease.release();
    assert.is(await later(() => log.refresh()), 2);
    assert.is(await later(() => durable.settle()), true);
    assert.is(await reads.watermark(), 2);
    await log.close();
    await reads.close();
  }));

test("a commit whose head is remembered is on disk, whoever holds the lease", () =>
  withWriter(async (folder, writer) => {
    writer.checkpoint();
    // As a power cut leaves it, which loses notes, while somebody recovers the run.
    noteSynced(folder, syncedTxnid(folder) - 1);
    const lease = await holdLease(path.dirname(folder));
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 2);
    assert.is(await log.headProblem(), undefined);
    await log.close();
    await lease.release();
  }));

test("a head that is remembered says nothing of a commit behind it", () =>
  withWriter(async (folder, writer) => {
    writer.checkpoint();
    writer.recordSnapshotAnchor({ highWatermark: 2, blobRef: "b", contentHash: "c" });
    noteSynced(folder, syncedTxnid(folder) - 1);
    const lease = await holdLease(path.dirname(folder));
    const log = await LmdbRunLog.open(folder);
    assert.is(log.watermark, 2);
    assert.is(await log.latestSnapshotAnchor(), undefined);
    await log.close();
    await lease.release();
  }));

test("what is sealed is settled under a lease as well", () =>
  withWriter(async (folder) => {
    const log = await LmdbRunLog.open(folder);
    const lease = await holdLease(path.dirname(folder));
    noteSynced(folder, syncedTxnid(folder) - 1);
    const late = await LmdbRunLog.open(folder);
    assert.equal([log.watermark, late.watermark], [2, 1]);
    await writeManifest(folder, { ...manifestOf(1n), highWatermark: 2, status: "ended" });
    assert.is(await late.refresh(), 2);
    for (const opened of [log, late]) await opened.close();
    await lease.release();
  }));

test("a commit that is taken back just then by a writer without a lease is not shown", () =>
  withWriter(async (folder, writer) => {
    noteSynced(folder, syncedTxnid(folder) - 1);
    const durable = new DurableTransactions(folder);
    const reads = new LmdbReads(folder, { isDurable: (txnid) => durable.isDurable(txnid) });
    assert.is(await reads.watermark(), 1);
    let drops = 0;
    const drop = (): void => {
      const file = PageFile.open(folder);
      LastTransaction.of(file).drop();
      file.close();
      drops += 1;
    };
    assert.is(await withoutWaiting(() => durable.settle({ atOnce: true }), drop), false);
    assert.is(drops, 1);
    assert.is(await reads.watermark(), 1);
    await reads.close();
    assert.is(lastTxnidIn(folder), writer.txnid);
  }));

test.run();
