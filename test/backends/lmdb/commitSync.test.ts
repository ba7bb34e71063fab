import { spawnSync } from "node:child_process";
import fs, { copyFileSync, readFileSync, renameSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkFoundFile } from "../../../src/backends/lmdb/checkFoundFile.ts";
import { DataFile } from "../../../src/backends/lmdb/DataFile.ts";
import { openEnvironment } from "../../../src/backends/lmdb/environment.ts";
import { frameKey } from "../../../src/backends/lmdb/keys.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { OwnTransactions } from "../../../src/backends/lmdb/OwnTransactions.ts";
import { takeOverLog } from "../../../src/backends/lmdb/ownerRows.ts";
import { EditedFile } from "./datafile/support/editedFile.ts";
import { failAtSync, insteadOfSyncs } from "./insteadOfSyncs.ts";
import { lastTxnidIn, syncedTxnid } from "./noteSynced.ts";
import { rejects, throws } from "./rejection.ts";
import { inNewLog, opened, watermarkIn } from "./newLog.ts";
import { frameOf } from "./sampleFrames.ts";
import { SOURCE_FLAGS } from "../../support/nodeFlags.ts";

const test = suite("the sync of a commit");
const HEIR = path.resolve("test/backends/lmdb/programs/takeOver.ts");

function indexed(fromSeq: number, key: string): Uint8Array {
  return frameOf(fromSeq, 2, { indexKeys: [{ kind: "id", key }] }).bytes;
}

test("each commit takes one sync", async () => {
  await inNewLog(async (writer) => {
    let syncs = 0;
    const count = (sync: () => void): void => {
      syncs += 1;
      sync();
    };
    await insteadOfSyncs(count, async () => {
      for (let seq = 1; seq <= 20; seq += 1) {
        const before = syncs;
        writer.append([indexed(2 * seq - 1, `key ${seq}`)]);
        assert.is(syncs, before + 1);
        writer.prepareNext();
      }
      const before = syncs;
      writer.recordSnapshotAnchor({ highWatermark: 40, blobRef: "b", contentHash: "c" });
      assert.is(syncs, before + 1);
    });
    await writer.close();
  });
});

test("a commit whose sync fails is taken back, and the writer is of no use any more", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    const txnid = lastTxnidIn(folder);
    await insteadOfSyncs(failAtSync, async () => {
      assert.throws(() => writer.append([frameOf(2).bytes]), /^EIO$/);
    });
    assert.not(writer.isUnharmed);
    assert.is(await watermarkIn(folder), 1);
    assert.is(syncedTxnid(folder), txnid);
    // Its number stays taken.
    assert.is(lastTxnidIn(folder), txnid + 1);
    const heir = await opened(folder, "recover");
    assert.is(heir.state.watermark, 1);
    assert.is(heir.append([frameOf(2, 3).bytes]), 4);
    await heir.close();
  });
});

test("a log that is taken over is forced to disk before anything is written to it", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    await writer.close();
    const last = lastTxnidIn(folder);
    const found: number[] = [];
    const look = (sync: () => void): void => {
      found.push(lastTxnidIn(folder));
      sync();
    };
    await insteadOfSyncs(look, async () => {
      const heir = await opened(folder, "recover");
      await heir.close();
    });
    assert.equal(found, [last, last + 1]);
  });
});

/** What is written to a file of this content while a log is opened to be taken over, and its sync fails. */
async function writtenByHeir(folder: string, before: Buffer): Promise<Buffer> {
  const written = Buffer.from(before);
  const { writeSync } = fs;
  fs.writeSync = ((...call: Parameters<typeof writeSync>) => {
    const [, bytes, from, length, at] = call as unknown as [number, Buffer, number, number, number];
    if (typeof at === "number") bytes.copy(written, at, from, from + length);
    return writeSync(...call);
  }) as typeof writeSync;
  syncBuiltinESMExports();
  try {
    await insteadOfSyncs(failAtSync, async () => {
      const failure: unknown = await opened(folder, "recover").catch((error: unknown) => error);
      assert.match(String(failure), "EIO");
    });
  } finally {
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
  }
  return written;
}

/** Entries 1 to 2000, in frames of which few fit on a leaf. */
function appendLeaves(writer: LogWriter): void {
  const payload = Buffer.alloc(600, 1);
  for (let seq = 1; seq <= 2_000; seq += 40) {
    const fromSeqs = Array.from({ length: 20 }, (_, index) => seq + 2 * index);
    writer.append(fromSeqs.map((fromSeq) => frameOf(fromSeq, 2, { payload }).bytes));
  }
}

/** Where files are read from during a step. */
async function offsetsRead(step: () => Promise<void>): Promise<ReadonlySet<number>> {
  const offsets = new Set<number>();
  const { readSync } = fs;
  fs.readSync = ((...call: Parameters<typeof readSync>) => {
    const at = call.at(4) as unknown;
    if (typeof at === "number") offsets.add(at);
    return readSync(...call);
  }) as typeof readSync;
  syncBuiltinESMExports();
  try {
    await step();
  } finally {
    fs.readSync = readSync;
    syncBuiltinESMExports();
  }
  return offsets;
}

for (const isNoted of [false, true]) {
  const title = isNoted
    ? "left alone where its sync is noted"
    : "written again, as its sync may have failed";
  test(`a log that is taken over has its last commit ${title}`, async () => {
    await inNewLog(async (writer, folder) => {
      for (let seq = 1; seq <= 41; seq += 2) writer.append([indexed(seq, `key ${seq}`)]);
      const file = path.join(folder, "data.mdb");
      const before = readFileSync(file);
      writer.append([frameOf(43, 2, { payload: Buffer.alloc(20_000, 1) }).bytes]);
      const after = readFileSync(file);
      await writer.close();
      if (!isNoted) rmSync(path.join(folder, "lock.mdb"));
      const written = await writtenByHeir(folder, before);
      const used = before.length - (before.length % 4_096);
      assert.equal(written.subarray(0, used), (isNoted ? before : after).subarray(0, used));
      const heir = await opened(folder, "recover");
      assert.is(heir.state.watermark, 44);
      await heir.close();
    });
  });
}

test("a last commit that is damaged between its check and its second writing is not made durable", async () => {
  await inNewLog(async (writer, folder) => {
    for (let seq = 1; seq <= 41; seq += 2) writer.append([indexed(seq, `key ${seq}`)]);
    await writer.close();
    rmSync(path.join(folder, "lock.mdb"));
    const checked = checkFoundFile(folder);
    const file = new EditedFile(folder);
    // A byte of a frame, which the structure of the file does not tell.
    const at = file.bytes.lastIndexOf("payload 42");
    assert.ok(at > 0);
    file.overwrite(at, 0);
    let syncs = 0;
    const count = (sync: () => void): void => {
      syncs += 1;
      sync();
    };
    await insteadOfSyncs(count, async () => {
      const heir = LogWriter.open({ folder, mode: "recover", runId: "run-1" }, checked);
      await rejects(heir, { code: "TIDEMARK_CORRUPTED" });
    });
    assert.is(syncs, 0);
  });
});

test("a takeover looks at what the last commit has written, however much was there before", async () => {
  await inNewLog(async (writer, folder) => {
    appendLeaves(writer);
    await writer.close();
    rmSync(path.join(folder, "lock.mdb"));
    const checked = checkFoundFile(folder);
    const offsets = await offsetsRead(async () => {
      const heir = await LogWriter.open({ folder, mode: "recover", runId: "run-1" }, checked);
      await heir.close();
    });
    const pages = readFileSync(path.join(folder, "data.mdb")).byteLength / 4_096;
    // Of the pages that were there before it sees the children of those that are new.
    assert.ok(offsets.size > 0 && offsets.size < pages / 3, `${offsets.size} of ${pages}`);
  });
});

test("a log is checked anew where somebody has committed between its check and its takeover", async () => {
  await inNewLog(async (writer, folder) => {
    appendLeaves(writer);
    await writer.close();
    rmSync(path.join(folder, "lock.mdb"));
    const checked = checkFoundFile(folder);
    const other = await opened(folder, "recover");
    other.append([frameOf(2_001).bytes]);
    await other.close();
    rmSync(path.join(folder, "lock.mdb"));
    const offsets = await offsetsRead(async () => {
      const log = { folder, mode: "recover", runId: "run-1" } as const;
      const heir = await LogWriter.open(log, checked);
      assert.equal([heir.state.epoch, heir.state.watermark], [3, 2_001]);
      await heir.close();
    });
    const pages = readFileSync(path.join(folder, "data.mdb")).byteLength / 4_096;
    assert.ok(offsets.size > 0.9 * pages, `${offsets.size} of ${pages}`);
  });
});

test("a log whose file was exchanged since it was looked at is not taken over", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    await writer.close();
    const file = new DataFile(folder);
    const environment = await openEnvironment(folder);
    try {
      const at = path.join(folder, "data.mdb");
      copyFileSync(at, `${at}.other`);
      renameSync(`${at}.other`, at);
      const config = { environment, folder, file, abort: undefined, noted: [] };
      const takeOver = (): number => takeOverLog(environment, "run-1");
      const failure = throws(() => OwnTransactions.begin(config, takeOver), {
        code: "TIDEMARK_CORRUPTED",
      });
      assert.match(failure.message, "was removed or replaced");
    } finally {
      await environment.close();
      file.close();
    }
  });
});

test("a log whose first sync fails is not taken over", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    await writer.close();
    let left = 1;
    const failSecond = (sync: () => void): void => {
      // The first one forces to disk what was found.
      if (left === 0) throw new Error("EIO");
      left -= 1;
      sync();
    };
    await insteadOfSyncs(failSecond, async () => {
      const failure: unknown = await opened(folder, "recover").catch((error: unknown) => error);
      assert.match(String(failure), "EIO");
    });
    const again = await opened(folder, "recover");
    assert.equal(again.state, { epoch: 2, watermark: 1, maxTsInit: 1n });
    await again.close();
  });
});

test("a writer that sleeps between its commit and its sync is fenced, and spoils nothing", async () => {
  for (const isFailing of [false, true]) {
    await inNewLog(async (zombie, folder) => {
      zombie.append([frameOf(1).bytes]);
      let noted = 0;
      const sleep = (sync: () => void): void => {
        const heir = spawnSync(process.execPath, [...SOURCE_FLAGS, HEIR, folder], {
          encoding: "utf8",
        });
        assert.is(heir.stdout.trim(), "3", heir.stderr);
        noted = syncedTxnid(folder);
        if (isFailing) throw new Error("EIO");
        sync();
      };
      await insteadOfSyncs(sleep, async () => {
        const failure = isFailing
          ? /^EIO$/
          : ({ code }: { code?: string }) => code === "TIDEMARK_FENCED";
        assert.throws(() => zombie.append([frameOf(2).bytes]), failure);
      });
      // It is in the log all the same, and must not pass for a refusal.
      assert.not(zombie.isUnharmed);
      assert.is(syncedTxnid(folder), noted);
      assert.is(noted, lastTxnidIn(folder));
      assert.is(await watermarkIn(folder), 3);
      const next = await opened(folder, "recover");
      assert.equal([next.state.epoch, next.state.watermark], [3, 3]);
      await next.close();
    });
  }
});

test("a commit behind which somebody else writes without an epoch is no refusal", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    const intruder = await openEnvironment(folder);
    const intrude = (sync: () => void): void => {
      intruder.transactionSync(() => {
        intruder.putSync(frameKey(9), Buffer.from("foreign"));
      });
      sync();
    };
    const noted = syncedTxnid(folder);
    await insteadOfSyncs(intrude, async () => {
      throws(() => writer.append([frameOf(2).bytes]), { code: "TIDEMARK_BACKEND" });
    });
    assert.not(writer.isUnharmed);
    assert.is(syncedTxnid(folder), noted);
    await intruder.close();
  });
});

test.run();
