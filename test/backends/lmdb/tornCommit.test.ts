import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { checkFoundFile } from "../../../src/backends/lmdb/checkFoundFile.ts";
import { PAGE_BYTES } from "./datafile/support/editedFile.ts";
import { randomOf } from "./datafile/support/random.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { throws } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("a commit that a power cut has torn");
const CORRUPTED = { code: "TIDEMARK_CORRUPTED" };
const SECTOR_BYTES = 512;
const MAX_SUBSETS = 120;
const { runId } = manifestOf(1n);

/** data.mdb before and after a commit. */
interface Commit {
  readonly before: Buffer;
  readonly after: Buffer;
}

type Step = (writer: LogWriter, n: number) => void;

function appendOf(count: number, bytes: number, keys: number): Step {
  return (writer, n) => {
    const { watermark } = writer.state;
    const indexKeys = Array.from({ length: keys }, (_, at) => ({
      kind: "id",
      key: String(((n * keys + at) * 7_919) % 100_003).padStart(60, "0"),
    }));
    const payload = Buffer.alloc(bytes, n);
    writer.append([frameOf(watermark + 1, count, { payload, indexKeys }).bytes]);
  };
}

function recordAnchor(writer: LogWriter, n: number): void {
  const highWatermark = Math.min(n, writer.state.watermark);
  const anchor = { highWatermark, blobRef: `blob ${n}`, contentHash: "h" };
  writer.recordSnapshotAnchor(anchor);
}

/** The last of so many commits, in a run's folder that has no lock file any more. */
async function lastOf(steps: readonly Step[], folder: string): Promise<Commit> {
  const file = path.join(folder, "data.mdb");
  const writer = await LogWriter.open({ folder, mode: "create", runId });
  await writeManifest(folder, manifestOf(1n));
  let before = readFileSync(file);
  for (const [n, step] of steps.entries()) {
    before = readFileSync(file);
    step(writer, n);
  }
  const after = readFileSync(file);
  await writer.close();
  rmSync(path.join(folder, "lock.mdb"));
  rmSync(path.join(folder, "checkpoints.log"), { force: true });
  return { before, after };
}

/** Where pieces of the file differ. */
function changesOf({ before, after }: Commit, pieceBytes: number): readonly number[] {
  const changes: number[] = [];
  for (let at = 0; at < after.length; at += pieceBytes) {
    const [old, written] = [before, after].map((bytes) => bytes.subarray(at, at + pieceBytes));
    if (written !== undefined && old?.equals(written) !== true) changes.push(at);
  }
  return changes;
}

/** What is there when of the changed pieces these have got to the disk. */
function imageOf({ before, after }: Commit, pieces: readonly number[], pieceBytes: number): Buffer {
  const image = Buffer.concat([before, Buffer.alloc(Math.max(0, after.length - before.length))]);
  for (const at of pieces) after.copy(image, at, at, at + pieceBytes);
  return image;
}

/** Every subset of some pieces, or so many by lot where there are too many. */
function* subsetsOf(pieces: readonly number[], seed: number): Generator<readonly number[]> {
  const random = randomOf(seed);
  const all = 2 ** pieces.length;
  for (let n = 0; n < Math.min(all, MAX_SUBSETS); n += 1) {
    const bits = all <= MAX_SUBSETS ? n : undefined;
    const share = random(100);
    yield pieces.filter((_, at) =>
      bits === undefined ? random(100) < share : (bits >> at) % 2 === 1,
    );
  }
}

/** Everything that can be read of a log. */
async function contentOf(folder: string): Promise<string> {
  const reads = new LmdbReads(folder);
  try {
    const frames = await reads.framesFrom(1, { maxBytes: 2 ** 30 });
    const keys = await reads.indexKeys("id");
    const anchor = await reads.latestSnapshotAnchor();
    const texts = frames.map((frame) => Buffer.from(frame).toString("latin1"));
    return JSON.stringify([texts, keys, anchor]);
  } finally {
    await reads.close();
  }
}

async function contentAs(folder: string, bytes: Buffer): Promise<string> {
  writeFileSync(path.join(folder, "data.mdb"), bytes);
  return contentOf(folder);
}

const SMALL = appendOf(1, 40, 0);
const KEYED = appendOf(3, 200, 2);
const LARGE = appendOf(2, 9_000, 1);
const COMMITS: Readonly<Record<string, readonly Step[]>> = {
  "the first one": [SMALL],
  "small ones in one leaf": [SMALL, SMALL, SMALL],
  "ones that split a leaf": Array.from({ length: 14 }, () => SMALL),
  "ones with keys": Array.from({ length: 40 }, () => KEYED),
  "large ones": Array.from({ length: 12 }, () => LARGE),
  "large ones with many keys": [...Array.from({ length: 30 }, () => KEYED), appendOf(40, 2_000, 5)],
  "anchors in a row": [
    ...Array.from({ length: 7 }, () => appendOf(5, 40, 0)),
    ...Array.from({ length: 7 }, () => recordAnchor),
  ],
  // Pages are used again every few commits: what is in the place of a row may be an anchor of long ago.
  "anchors with one watermark": [SMALL, ...Array.from({ length: 9 }, () => recordAnchor)],
  "an anchor": [...Array.from({ length: 20 }, () => KEYED), recordAnchor, SMALL, recordAnchor],
};

for (const [name, steps] of Object.entries(COMMITS)) {
  test(`${name}: is there or is not, whatever of it has got to the disk`, () =>
    inTemporaryFolder(async (directory) => {
      const folder = path.join(directory, "desk-1", runId);
      mkdirSync(folder, { recursive: true });
      const commit = await lastOf(steps, folder);
      const old = await contentAs(folder, commit.before);
      const whole = await contentAs(folder, commit.after);
      assert.is.not(old, whole);
      let dropped = 0;
      for (const pieceBytes of [PAGE_BYTES, SECTOR_BYTES]) {
        const pieces = changesOf(commit, pieceBytes);
        for (const subset of [...subsetsOf(pieces, pieces.length), pieces]) {
          const image = imageOf(commit, subset, pieceBytes);
          writeFileSync(path.join(folder, "data.mdb"), image);
          const log = await LmdbRunLog.open(folder);
          const found = log.watermark;
          await log.close();
          checkFoundFile(folder);
          const content = await contentOf(folder);
          assert.ok(content === old || content === whole, `${name}: ${subset.join()}`);
          if (subset.length === pieces.length) assert.is(content, whole);
          else if (content === old) dropped += 1;
          const reads = new LmdbReads(folder);
          assert.is(
            await reads.watermark(),
            found,
            `whoever read it before saw other: ${subset.join()}`,
          );
          await reads.close();
        }
      }
      assert.ok(dropped > 0);
      // What is left can be written on.
      const writer = await LogWriter.open({ folder, mode: "recover", runId });
      const next = writer.state.watermark + 1;
      assert.is(writer.append([frameOf(next).bytes]), next);
      await writer.close();
    }));
}

test("what takes over from a commit that was cut short is there or is not, too", () =>
  inTemporaryFolder(async (directory) => {
    for (const [name, steps] of Object.entries(COMMITS)) {
      const folder = path.join(directory, name, "desk-1", runId);
      const file = path.join(folder, "data.mdb");
      mkdirSync(folder, { recursive: true });
      const commit = await lastOf(steps, folder);
      const old = await contentAs(folder, commit.before);
      const cutShort = await contentAs(folder, commit.after);
      // Its pages are on the disk and have the number that the next transaction gets.
      const pages = changesOf(commit, PAGE_BYTES).filter((at) => at > PAGE_BYTES);
      const before = imageOf(commit, pages, PAGE_BYTES);
      writeFileSync(file, before);
      const heir = await LogWriter.open({ folder, mode: "recover", runId });
      const takeover = { before, after: readFileSync(file) };
      await heir.close();
      rmSync(path.join(folder, "lock.mdb"));
      for (const pieceBytes of [PAGE_BYTES, SECTOR_BYTES]) {
        for (const subset of subsetsOf(changesOf(takeover, pieceBytes), 1)) {
          writeFileSync(file, imageOf(takeover, subset, pieceBytes));
          checkFoundFile(folder);
          const content = await contentOf(folder);
          assert.ok(content === old || content === cutShort, `${name}: ${subset.join()}`);
        }
      }
    }
  }));

test("a break in what an older commit has written is damage", () =>
  inTemporaryFolder(async (folder) => {
    const commit = await lastOf(COMMITS["ones with keys"] ?? [], folder);
    const changed = new Set(changesOf(commit, PAGE_BYTES));
    const pages = Array.from(
      { length: commit.before.length / PAGE_BYTES },
      (_, n) => n * PAGE_BYTES,
    );
    let damaged = 0;
    for (const at of pages) {
      // The leaves and branches that both transactions lead to.
      const isTree = commit.after.readUInt16LE(at + 18) % 4 !== 0 && at > PAGE_BYTES;
      if (changed.has(at) || !isTree) continue;
      const image = Buffer.from(commit.after);
      image.fill(0, at, at + PAGE_BYTES);
      writeFileSync(path.join(folder, "data.mdb"), image);
      try {
        checkFoundFile(folder);
      } catch {
        damaged += 1;
        assert.equal(readFileSync(path.join(folder, "data.mdb")), image, "it was mended");
        continue;
      }
      // It was a free page.
      const content = await contentOf(folder);
      assert.is(content, await contentAs(folder, commit.after));
    }
    assert.ok(damaged > 3, String(damaged));
  }));

test("is damage where its sync is known to have returned", () =>
  inTemporaryFolder(async (folder) => {
    const writer = await LogWriter.open({ folder, mode: "create", runId });
    writer.append([frameOf(1, 3).bytes]);
    const file = path.join(folder, "data.mdb");
    const before = readFileSync(file);
    writer.append([frameOf(4, 3).bytes]);
    const commit = { before, after: readFileSync(file) };
    await writer.close();
    const [, ...pages] = changesOf(commit, PAGE_BYTES);
    const meta = changesOf(commit, PAGE_BYTES).filter((at) => at <= PAGE_BYTES);
    assert.ok(pages.length > 0);
    writeFileSync(file, imageOf(commit, meta, PAGE_BYTES));
    throws(() => checkFoundFile(folder), CORRUPTED);
    rmSync(path.join(folder, "lock.mdb"));
    checkFoundFile(folder);
    const reads = new LmdbReads(folder);
    assert.is(await reads.watermark(), 3);
    await reads.close();
  }));

test.run();
