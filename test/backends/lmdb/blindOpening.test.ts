import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DataFile } from "../../../src/backends/lmdb/DataFile.ts";
import { openEnvironment, type Environment } from "../../../src/backends/lmdb/environment.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { takeOverLog } from "../../../src/backends/lmdb/ownerRows.ts";
import {
  OwnTransactions,
  type OwnTransactionsConfig,
} from "../../../src/backends/lmdb/OwnTransactions.ts";
import type { TidemarkError } from "../../../src/model/errors.ts";
import { ended, printed, startProgram } from "./childProcess.ts";
import { lastTxnidIn, syncedTxnid } from "./noteSynced.ts";
import { frameOf } from "./sampleFrames.ts";
import { throws } from "./rejection.ts";
import { SOURCE_FLAGS } from "../../support/nodeFlags.ts";

/*
 * LMDB's opening stores in lock.mdb, without its lock, the number of the last transaction that it read
 * in data.mdb some time before.
 */

const test = suite("an environment that somebody opens beside its writer");
const BACKEND = { code: "TIDEMARK_BACKEND" };
/** Where lock.mdb has the number of the last transaction. */
const AT_LAST_TXNID = 8;
const MEMORY = "/dev/shm";

interface Scene {
  readonly folder: string;
  readonly writer: LogWriter;
  /** Does what an opening does that has read data.mdb before some commits, and stores after them. */
  readonly setBack: (commits: number) => void;
}

async function withWriter(step: (scene: Scene) => Promise<void>): Promise<void> {
  // Where a sync costs nothing a writer commits as often as can be.
  const folder = await mkdtemp(path.join(existsSync(MEMORY) ? MEMORY : tmpdir(), "tidemark-"));
  const writer = await LogWriter.open({ folder, mode: "create", runId: "run-1" });
  const lock = openSync(path.join(folder, "lock.mdb"), "r+");
  const setBack = (commits: number): void => {
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(BigInt(lastTxnidIn(folder) - commits));
    writeSync(lock, number, 0, number.length, AT_LAST_TXNID);
  };
  try {
    await step({ folder, writer, setBack });
  } finally {
    closeSync(lock);
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many entries the frames of a log have, which were appended one by one. */
async function entriesIn(folder: string): Promise<number> {
  const reads = new LmdbReads(folder);
  try {
    let entries = 0;
    for (let isEnd = false; !isEnd;) {
      const page = await reads.framesFrom(entries + 1, { maxBytes: 2 ** 30 });
      entries += page.length;
      isEnd = page.length === 0;
    }
    assert.is(await reads.watermark(), entries);
    return entries;
  } finally {
    await reads.close();
  }
}

/** Lets another process append one entry, and go. */
function takeOver(folder: string, seq: number): void {
  const program = path.resolve("test/backends/lmdb/programs/takeOver.ts");
  const heir = spawnSync(process.execPath, [...SOURCE_FLAGS, program, folder], {
    encoding: "utf8",
  });
  assert.is(heir.stdout.trim(), String(seq), heir.stderr);
}

function partsOf(folder: string, environment: Environment): OwnTransactionsConfig {
  const file = new DataFile(folder);
  return { environment, folder, file, abort: Symbol("no order"), noted: [] };
}

for (const commits of [1, 2, 3]) {
  test(`and that takes ${commits} commits back loses none: the writer ends`, () =>
    withWriter(async ({ folder, writer, setBack }) => {
      for (let seq = 1; seq <= 4; seq += 1) writer.append([frameOf(seq).bytes]);
      const last = lastTxnidIn(folder);
      setBack(commits);
      throws(() => writer.append([frameOf(5).bytes]), BACKEND);
      assert.not(writer.isUnharmed);
      assert.equal([lastTxnidIn(folder), syncedTxnid(folder)], [last, last]);
      assert.is(await entriesIn(folder), 4);
      takeOver(folder, 5);
      assert.is(await entriesIn(folder), 5);
    }));
}

test("ends who was about to take the log over, with nothing lost", () =>
  withWriter(async ({ folder, writer, setBack }) => {
    const environment = await openEnvironment(folder);
    writer.append([frameOf(1).bytes]);
    writer.append([frameOf(2).bytes]);
    setBack(1);
    const parts = partsOf(folder, environment);
    throws(() => OwnTransactions.begin(parts, () => takeOverLog(environment, "run-1")), BACKEND);
    assert.is(await entriesIn(folder), 2);
    takeOver(folder, 3);
    assert.is(await entriesIn(folder), 3);
  }));

test("does not hide from a writer that it is fenced", () =>
  withWriter(async ({ folder, writer, setBack }) => {
    writer.append([frameOf(1).bytes]);
    const environment = await openEnvironment(folder);
    const parts = partsOf(folder, environment);
    const heir = OwnTransactions.begin(parts, () => takeOverLog(environment, "run-1"));
    assert.is(heir.epoch, 2);
    // To LMDB the epoch was never raised, and the number of the next transaction is as expected.
    setBack(1);
    throws(() => writer.append([frameOf(2).bytes]), BACKEND);
    assert.not(writer.isUnharmed);
    assert.is(await entriesIn(folder), 1);
    takeOver(folder, 2);
    assert.is(await entriesIn(folder), 2);
  }));

test("fences nobody who has just taken the log over: nobody has a higher epoch", () =>
  withWriter(async ({ folder, writer, setBack }) => {
    writer.append([frameOf(1).bytes]);
    const environment = await openEnvironment(folder);
    const parts = partsOf(folder, environment);
    const heir = OwnTransactions.begin(parts, () => takeOverLog(environment, "run-1"));
    // LMDB goes on from the state before, with the epoch before.
    setBack(1);
    throws(() => heir.commit(() => {}), BACKEND);
    assert.not(heir.isUnharmed);
    assert.is(await entriesIn(folder), 1);
  }));

test("over and over, in another process, loses nothing that was acknowledged", () =>
  withWriter(async ({ folder, writer }) => {
    const child = startProgram("openBlindly", folder);
    await printed(child);
    let acknowledged = 0;
    let failure: unknown;
    try {
      for (const end = performance.now() + 2_000; performance.now() < end;) {
        acknowledged = writer.append([frameOf(acknowledged + 1).bytes]);
        writer.prepareNext();
      }
    } catch (error) {
      failure = error;
    }
    const exited = ended(child);
    child.stdin?.end();
    await exited;
    assert.is(await entriesIn(folder), acknowledged, String(failure));
    // It may also go well for so long.
    if (failure !== undefined) assert.is((failure as TidemarkError).code, BACKEND.code);
    assert.is(syncedTxnid(folder), lastTxnidIn(folder));
  }));

test.run();
