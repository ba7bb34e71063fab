import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openEnvironment } from "../../../src/backends/lmdb/environment.ts";
import {
  ANCHOR_KEY,
  EPOCH_KEY,
  frameKey,
  numberOf,
  RUN_KEY,
} from "../../../src/backends/lmdb/keys.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { failAtSync, insteadOfSyncs } from "./insteadOfSyncs.ts";
import { noteSynced } from "./noteSynced.ts";
import { inNewLog, opened, watermarkIn } from "./newLog.ts";
import { frameOf } from "./sampleFrames.ts";
import { rejects, throws } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { usedBytesOf } from "./usedBytes.ts";

const test = suite("LogWriter");

function indexed(fromSeq: number, key: string): Uint8Array {
  return frameOf(fromSeq, 2, { indexKeys: [{ kind: "id", key }] }).bytes;
}

test("an environment is opened with these options alone", async () => {
  await inTemporaryFolder(async (folder) => {
    const environment = await openEnvironment(folder);
    const { overlappingSync, encoding, keyEncoding, maxReaders, ...rest } =
      environment as unknown as Record<string, unknown>;
    assert.equal(
      { overlappingSync, encoding, keyEncoding, maxReaders },
      { overlappingSync: false, encoding: "binary", keyEncoding: "binary", maxReaders: 512 },
    );
    assert.is(rest["eventTurnBatching"], false);
    assert.is(rest["noSync"], true);
    for (const forbidden of ["noMetaSync", "useWritemap", "mapAsync", "noMemInit"]) {
      assert.is(rest[forbidden], undefined, forbidden);
    }
    assert.is((environment.getStats() as { mapSize: number }).mapSize, 64 * 2 ** 30);
    await environment.close();
  });
});

test("what was appended is there after a reopening, and the epoch is raised", async () => {
  await inNewLog(async (writer, folder) => {
    assert.equal(writer.state, { epoch: 1, watermark: 0 });
    assert.is(writer.append([frameOf(1, 3).bytes, frameOf(4, 2).bytes]), 5);
    await writer.close();
    const again = await opened(folder, "recover");
    assert.equal(again.state, { epoch: 2, watermark: 5, maxTsInit: 5n });
    assert.is(again.append([frameOf(6).bytes]), 6);
    await again.close();
    assert.is(await watermarkIn(folder), 6);
  });
});

test("the log of another run, or of none, is not taken over", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    await writer.close();
    await rejects(opened(folder, "recover", "run-2"), { code: "TIDEMARK_CORRUPTED" });
    const environment = await openEnvironment(folder);
    environment.transactionSync(() => {
      environment.removeSync(RUN_KEY);
    });
    noteSynced(folder);
    await rejects(opened(folder, "recover"), { code: "TIDEMARK_CORRUPTED" });
    // Nothing was raised by the way.
    assert.is(numberOf(environment.get(EPOCH_KEY) ?? Buffer.alloc(0)), 1);
    await environment.close();
  });
});

test("a damaged file is told before LMDB sees it", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    await writer.close();
    const file = path.join(folder, "data.mdb");
    writeFileSync(file, readFileSync(file).fill(0, 8_192));
    await rejects(opened(folder, "recover"), { code: "TIDEMARK_CORRUPTED" });
    writeFileSync(file, "");
    await rejects(opened(folder, "recover"), { code: "TIDEMARK_CORRUPTED" });
  });
});

test("frames that do not follow leave nothing, and the writer goes on", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([indexed(1, "a")]);
    for (const frames of [
      [indexed(2, "b")],
      [indexed(4, "b")],
      [indexed(3, "b"), indexed(6, "c")],
    ]) {
      throws(() => writer.append(frames), { code: "TIDEMARK_OUT_OF_ORDER", highWatermark: 2 });
      assert.ok(writer.isUnharmed);
    }
    const reads = new LmdbReads(folder);
    assert.is(await reads.lookup("id", "b"), undefined);
    assert.is((await reads.framesFrom(1)).length, 1);
    await reads.close();
    assert.is(writer.append([indexed(3, "b")]), 4);
    await writer.close();
  });
});

test("what is no frame is refused before anything is touched", async () => {
  await inNewLog(async (writer, folder) => {
    throws(() => writer.append([Buffer.alloc(500)]), { code: "TIDEMARK_CORRUPTED" });
    assert.ok(writer.isUnharmed);
    assert.is(writer.append([frameOf(1).bytes]), 1);
    await writer.close();
    assert.is(await watermarkIn(folder), 1);
  });
});

test("the first seq that mentioned a key stays", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([indexed(1, "a"), indexed(3, "a")]);
    writer.append([indexed(5, "a")]);
    await writer.close();
    const reads = new LmdbReads(folder);
    assert.is(await reads.lookup("id", "a"), 1);
    await reads.close();
  });
});

test("a writer whose epoch was raised is fenced for good and cuts nothing off", async () => {
  await inNewLog(async (zombie, folder) => {
    zombie.append([frameOf(1).bytes]);
    const heir = await opened(folder, "recover");
    const fenced = { code: "TIDEMARK_FENCED", epoch: 1, foundEpoch: 2 };
    throws(() => zombie.append([frameOf(2).bytes]), fenced);
    assert.ok(zombie.isUnharmed);
    heir.append([frameOf(2, 3).bytes]);
    heir.prepareNext();
    const { size } = statSync(path.join(folder, "data.mdb"));
    throws(() => zombie.append([frameOf(9).bytes]), fenced);
    throws(
      () => zombie.recordSnapshotAnchor({ highWatermark: 1, blobRef: "b", contentHash: "c" }),
      fenced,
    );
    await rejects(zombie.seal(), fenced);
    await zombie.close();
    assert.is(statSync(path.join(folder, "data.mdb")).size, size);
    assert.is(heir.append([frameOf(5).bytes]), 5);
    await heir.close();
  });
});

test("what somebody else has written is not written over, and ends the writer", async () => {
  await inNewLog(async (writer, folder) => {
    const intruder = await openEnvironment(folder);
    intruder.transactionSync(() => {
      intruder.putSync(frameKey(1), Buffer.from("foreign"));
    });
    throws(() => writer.append([frameOf(1).bytes]), { code: "TIDEMARK_BACKEND" });
    assert.not(writer.isUnharmed);
    assert.is(Buffer.from(intruder.get(frameKey(1)) ?? []).toString(), "foreign");
    await intruder.close();
  });
});

test("nothing is committed to a file that was removed or replaced", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    renameSync(path.join(folder, "data.mdb"), path.join(folder, "away.mdb"));
    throws(() => writer.append([frameOf(2).bytes]), { code: "TIDEMARK_CORRUPTED" });
    assert.not(writer.isUnharmed);
  });
});

test("a log with a damaged last frame opens, can be sealed, and takes no frames", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1, 4).bytes]);
    await writer.close();
    const environment = await openEnvironment(folder);
    environment.transactionSync(() => {
      environment.putSync(frameKey(5), Buffer.from("damaged"));
    });
    await environment.close();
    noteSynced(folder);
    const again = await opened(folder, "recover");
    assert.equal(again.state, { epoch: 2, watermark: 5 });
    throws(() => again.append([frameOf(6).bytes]), { code: "TIDEMARK_CORRUPTED" });
    assert.equal(await again.seal(), { epoch: 2, watermark: 5 });
  });
});

test("a damaged row of the anchor is damage", async () => {
  await inNewLog(async (writer, folder) => {
    await writer.close();
    const environment = await openEnvironment(folder);
    environment.transactionSync(() => {
      environment.putSync(ANCHOR_KEY, Buffer.from("damaged"));
    });
    await environment.close();
    const reads = new LmdbReads(folder);
    await rejects(reads.latestSnapshotAnchor(), { code: "TIDEMARK_CORRUPTED" });
    await reads.close();
  });
});

test("a seal and a close cut the file to what is used", async () => {
  for (const end of ["seal", "close"] as const) {
    await inNewLog(async (writer, folder) => {
      writer.append([frameOf(1, 100, { payload: Buffer.alloc(256, 1) }).bytes]);
      writer.prepareNext();
      const file = path.join(folder, "data.mdb");
      assert.ok(statSync(file).size > 2 ** 20);
      await writer[end]();
      const environment = await openEnvironment(folder);
      assert.is(statSync(file).size, usedBytesOf(environment));
      await environment.close();
      assert.ok(statSync(file).size < 100_000);
      assert.is(await watermarkIn(folder), 100);
    });
  }
});

test("commits into an extended file are whole", async () => {
  await inNewLog(async (writer, folder) => {
    for (let seq = 1; seq <= 120; seq += 1) {
      writer.append([frameOf(seq, 1, { payload: Buffer.alloc(30_000, seq) }).bytes]);
      writer.prepareNext();
    }
    await writer.seal();
    const reads = new LmdbReads(folder);
    let seq = 1;
    while (seq <= 120) {
      const page = await reads.framesFrom(seq);
      for (const frame of page) {
        assert.ok(Buffer.from(frame).includes(Buffer.alloc(30_000, seq)), `seq ${seq}`);
        seq += 1;
      }
    }
    await reads.close();
  });
});

test("a log whose checkpoint failed is not touched again, not even by a close", async () => {
  await inNewLog(async (writer, folder) => {
    writer.append([frameOf(1).bytes]);
    await insteadOfSyncs(failAtSync, async () => {
      assert.throws(() => writer.checkpoint(), /^EIO$/);
    });
    const before = readFileSync(path.join(folder, "checkpoints.log"), "latin1");
    const failure: unknown = await writer.close().catch((error: unknown) => error);
    assert.match(String(failure), "EIO");
    assert.is(readFileSync(path.join(folder, "checkpoints.log"), "latin1"), before);
    assert.not(writer.isUnharmed);
  });
});

test.run();
