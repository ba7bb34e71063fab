import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkFoundFile } from "../../../src/backends/lmdb/checkFoundFile.ts";
import type { CheckExtent } from "../../../src/backends/lmdb/datafile/checkDataFile.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LmdbRunLog } from "../../../src/backends/lmdb/LmdbRunLog.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import {
  changesOf,
  COMMITS,
  contentAs,
  contentOf,
  goOn,
  imageOf,
  lastOf,
  SECTOR_BYTES,
  subsetsOf,
} from "./commitImages.ts";
import { EditedFile, PAGE_BYTES } from "./datafile/support/editedFile.ts";
import { watermarkIn } from "./newLog.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";
import { throws } from "./rejection.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { withoutWaiting } from "./withoutWaiting.ts";

/** In what stands in a row in place of its value. */
const AT_PAGE_COUNT = 16;

const test = suite("a commit that a power cut has torn");
const CORRUPTED = { code: "TIDEMARK_CORRUPTED" };
/** Each so many of the images that are accepted LMDB goes on from. */
const GO_ON_EVERY = 7;
const { runId } = manifestOf(1n);

/** What a reader sees before the recovery. */
async function seenIn(folder: string, check: CheckExtent): Promise<number> {
  const log = await withoutWaiting(() => LmdbRunLog.open(folder, { check }));
  await log.close();
  return log.watermark;
}

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
      let images = 0;
      for (const pieceBytes of [PAGE_BYTES, SECTOR_BYTES]) {
        const pieces = changesOf(commit, pieceBytes);
        for (const subset of [...subsetsOf(pieces, pieces.length), pieces]) {
          const image = imageOf(commit, subset, pieceBytes);
          writeFileSync(path.join(folder, "data.mdb"), image);
          const found = await seenIn(folder, "full");
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
          images += 1;
          if (images % GO_ON_EVERY === 0) await goOn(folder);
        }
      }
      assert.ok(dropped > 0);
    }));
}

test("what takes over from a commit that was cut short is there or is not, too", () =>
  inTemporaryFolder(async (directory) => {
    let images = 0;
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
          images += 1;
          if (images % GO_ON_EVERY === 0) await goOn(folder);
        }
      }
    }
  }));

test("what it says of free pages counts also for a reader that looks at the edges alone", () =>
  inTemporaryFolder(async (directory) => {
    const folder = path.join(directory, "desk-1", runId);
    mkdirSync(folder, { recursive: true });
    const steps = COMMITS["ones after which a list of free pages can be torn"] ?? [];
    const commit = await lastOf(steps, folder);
    const sectors = changesOf(commit, SECTOR_BYTES);
    for (const missing of sectors.slice(1)) {
      const rest = sectors.filter((at) => at !== missing);
      writeFileSync(path.join(folder, "data.mdb"), imageOf(commit, rest, SECTOR_BYTES));
      const found = await seenIn(folder, "edges");
      assert.is(found, await seenIn(folder, "full"), String(missing));
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
      } catch (error) {
        assert.is((error as { code?: unknown }).code, CORRUPTED.code, String(error));
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
    assert.is(await watermarkIn(folder), 3);
  }));

test("is one with a value that says it fills more of a long file than there is memory for", () =>
  inTemporaryFolder(async (folder) => {
    const writer = await LogWriter.open({ folder, mode: "create", runId });
    writer.append([frameOf(1, 3).bytes]);
    writer.append([frameOf(4, 3, { payload: Buffer.alloc(20_000) }).bytes]);
    await writer.close();
    rmSync(path.join(folder, "lock.mdb"));
    const file = new EditedFile(folder);
    const rows = Array.from({ length: file.root.readUInt16LE(20) / 2 }, (_, index) =>
      file.node(file.root, index),
    );
    const row = rows.find((node) => node.readUInt16LE(4) === 1);
    assert.ok(row !== undefined);
    const reference = file.value(row);
    reference.writeUInt32LE(reference.readUInt32LE(AT_PAGE_COUNT) | (2 ** 20), AT_PAGE_COUNT);
    file.write();
    truncateSync(file.path, 6 * 2 ** 30);
    checkFoundFile(folder);
    assert.is(await watermarkIn(folder), 3);
  }));

test.run();
