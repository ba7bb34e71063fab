import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { PAGE_HEADER_BYTES } from "../../../src/backends/lmdb/datafile/pageLayout.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { AT_FROM_SEQ } from "../../../src/format/frameLayout.ts";
import { ended, startProgram } from "./childProcess.ts";
import { EditedFile } from "./datafile/support/editedFile.ts";
import { rejects } from "./rejection.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("LmdbRunLog");
const CORRUPTED = { code: "TIDEMARK_CORRUPTED" };
const FRAMES = 40;

/** A key that few of fit on a page. */
function keyOf(seq: number, part: string): string {
  return part + String(seq).padStart(100, "0");
}

/** A run of some frames with index keys, written in this process and not sealed. */
async function writtenRun(directory: string, start = 1n): Promise<string> {
  const manifest = manifestOf(start);
  const folder = path.join(directory, "desk-1", manifest.runId);
  mkdirSync(folder, { recursive: true });
  const writer = await LogWriter.open({ folder, mode: "create", runId: manifest.runId });
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const seq = 1 + frame * 2;
    const indexKeys = ["a", "b", "c"].map((part) => ({ kind: "id", key: keyOf(seq, part) }));
    writer.append([frameOf(seq, 2, { indexKeys, payload: Buffer.alloc(2_000, frame) }).bytes]);
  }
  await writer.close();
  await writeManifest(folder, manifest);
  return folder;
}

/** Where the frame that starts with a seq is in the bytes of a file. */
function frameIn(bytes: Buffer, fromSeq: number): number {
  const start = Buffer.from("TIDE");
  for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) {
    if (bytes.readUInt32LE(at + AT_FROM_SEQ) === fromSeq) return at;
  }
  throw new Error(`There is no frame ${fromSeq}`);
}

/** Damages the second leaf of the tree, which is neither its beginning nor its end. */
function damageMiddle(folder: string): void {
  const file = new EditedFile(folder);
  file.page(file.node(file.root, 1).readUInt32LE(0)).fill(0);
  file.write();
}

test("gives up its turn while one key after the other is looked up", async () => {
  await inTemporaryFolder(async (directory) => {
    const log = await LmdbRunLog.open(await writtenRun(directory));
    const turned = { times: 0 };
    const counting = setInterval(() => (turned.times += 1), 0);
    for (let lookups = 0; turned.times <= 2 && lookups < 100_000; lookups += 1) {
      assert.is(await log.lookup("id", "absent"), undefined);
    }
    clearInterval(counting);
    assert.ok(turned.times > 2, `${turned.times} turns of the event loop`);
    await log.close();
  });
});

test("is opened after a check of all of its file, or of the edges where that is asked for", async () => {
  await inTemporaryFolder(async (directory) => {
    const folder = await writtenRun(directory);
    damageMiddle(folder);
    await rejects(LmdbRunLog.open(folder), CORRUPTED);
    const catalog = lmdbCatalog({ directory });
    await rejects(catalog.read("desk-1", path.basename(folder)), CORRUPTED);
    const log = await catalog.read("desk-1", path.basename(folder), { check: "edges" });
    assert.is(log.watermark, FRAMES * 2);
    assert.is(((await log.framesFrom(FRAMES * 2 - 1)) as unknown[]).length, 1);
    // What the edges do not show is met where it is read.
    const reading = async (): Promise<void> => {
      for (let after: string | undefined; ;) {
        const page = (await log.indexKeys("id", after)) as readonly { key: string }[];
        if (page.length === 0) return;
        after = page.at(-1)?.key;
      }
    };
    await rejects(reading(), CORRUPTED);
    await log.close();
  });
});

test("a list looks at the ends alone, and makes nothing", async () => {
  await inTemporaryFolder(async (directory) => {
    const folder = await writtenRun(directory);
    damageMiddle(folder);
    const names = readdirSync(folder);
    const [run] = await lmdbCatalog({ directory }).list();
    assert.equal([run?.watermark, run?.problem], [FRAMES * 2, undefined]);
    assert.equal(readdirSync(folder), names);
  });
});

test("a frame that claims to end before its place is part of the page that starts there", async () => {
  await inTemporaryFolder(async (directory) => {
    const folder = await writtenRun(directory);
    const file = new EditedFile(folder);
    for (const seq of [11, 13]) {
      file.bytes.writeUInt32LE(1, frameIn(file.bytes, seq) + AT_FROM_SEQ);
    }
    file.write();
    const log = await LmdbRunLog.open(folder);
    const page = await log.framesFrom(11);
    assert.is(page.length, FRAMES - 5);
    await log.close();
  });
});

test("reads the first page of a frame where heads are enough, and all of one whose head is damaged", async () => {
  await inTemporaryFolder(async (directory) => {
    const folder = await writtenRun(directory);
    const file = new EditedFile(folder);
    file.bytes.writeUInt8(0, frameIn(file.bytes, 11));
    file.write();
    const log = await LmdbRunLog.open(folder);
    const [whole, heads] = [await log.framesFrom(1), await log.framesFrom(1, { headsOnly: true })];
    assert.is(heads.length, FRAMES);
    for (const [at, head] of heads.entries()) {
      const frame = whole[at] as Uint8Array;
      assert.ok(frame.length > 4096);
      assert.is(head.length, at === 5 ? frame.length : 4096 - PAGE_HEADER_BYTES);
    }
    await log.close();
  });
});

test("the file of another run is damage", async () => {
  await inTemporaryFolder(async (directory) => {
    const [one, other] = [await writtenRun(directory, 1n), await writtenRun(directory, 2n)];
    copyFileSync(path.join(other, "data.mdb"), path.join(one, "data.mdb"));
    for (const check of ["full", "edges"] as const) {
      await rejects(LmdbRunLog.open(one, { check }), CORRUPTED);
    }
    const log = await LmdbRunLog.open(other);
    await log.close();
  });
});

test("reads a file that was removed to its end, says so when it looks again, and opens none", async () => {
  await inTemporaryFolder(async (directory) => {
    const folder = await writtenRun(directory);
    const log = await LmdbRunLog.open(folder);
    rmSync(path.join(folder, "data.mdb"));
    assert.is((await log.framesFrom(1)).length, FRAMES);
    await rejects(log.refresh(), CORRUPTED);
    await rejects(LmdbRunLog.open(folder), CORRUPTED);
    rmSync(folder, { recursive: true });
    await rejects(log.refresh(), { code: "TIDEMARK_NOT_FOUND" });
    await log.close();
    await rejects(LmdbRunLog.open(folder), { code: "TIDEMARK_NOT_FOUND" });
  });
});

test("reads nothing any more after a close, and closes twice", async () => {
  await inTemporaryFolder(async (directory) => {
    const log = await LmdbRunLog.open(await writtenRun(directory));
    const pending = log.framesFrom(1);
    await log.close();
    await log.close();
    const closed = { code: "TIDEMARK_CLOSED" };
    // The page had not been read yet.
    await rejects(pending, closed);
    for (const call of [
      () => log.refresh(),
      () => log.lookup("id", "x"),
      () => log.indexKeys("id"),
      () => log.latestSnapshotAnchor(),
    ]) {
      await rejects(call(), closed);
    }
  });
});

test("reads nothing any more after a failure", async () => {
  await inTemporaryFolder(async (directory) => {
    const reads = new LmdbReads(await writtenRun(directory));
    assert.is(await reads.watermark(), FRAMES * 2);
    const pending = reads.framesFrom(1);
    reads.fail();
    await rejects(pending, { code: "TIDEMARK_BACKEND" });
    await rejects(reads.watermark(), { code: "TIDEMARK_BACKEND" });
    await reads.close();
  });
});

test("reads what it may only read", async () => {
  await inTemporaryFolder(async (directory) => {
    const folder = await writtenRun(directory);
    const file = path.join(folder, "data.mdb");
    const before = statSync(file).mtimeMs;
    chmodSync(file, 0o400);
    chmodSync(folder, 0o500);
    const log = await LmdbRunLog.open(folder);
    assert.is(await log.lookup("id", keyOf(1, "a")), 1);
    assert.is((await log.framesFrom(1)).length, FRAMES);
    await log.close();
    chmodSync(folder, 0o700);
    assert.is(statSync(file).mtimeMs, before);
    assert.ok(existsSync(file));
  });
});

test("neither a list nor a reader loads LMDB", async () => {
  await inTemporaryFolder(async (directory) => {
    await writtenRun(directory);
    const child = startProgram("readWithoutLmdb", directory);
    const [output] = await Promise.all([
      once(child.stdout as NodeJS.ReadableStream, "data"),
      ended(child),
    ]);
    const told: unknown = JSON.parse(String(output[0]));
    assert.equal(told, { runs: 1, frames: FRAMES, isLoaded: false });
  });
});

test.run();
