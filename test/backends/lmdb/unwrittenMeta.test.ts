import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkFoundFile } from "../../../src/backends/lmdb/checkFoundFile.ts";
import {
  AT_LAST_PAGE,
  AT_TXNID,
  META_PAGES,
  NUMBER_BYTES,
} from "../../../src/backends/lmdb/datafile/metas.ts";
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
  recordAnchor,
  SECTOR_BYTES,
  subsetsOf,
  type Commit,
} from "./commitImages.ts";
import { PAGE_BYTES } from "./datafile/support/editedFile.ts";
import { manifestOf } from "./sampleFrames.ts";
import { withoutWaiting } from "./withoutWaiting.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("a commit whose meta page could not be written, before a power cut");
const { runId } = manifestOf(1n);

/** The file behind a commit as LMDB leaves it then: its meta page says the number of one long ago. */
function unnumbered({ before, after }: Commit): Buffer {
  const bytes = Buffer.from(after);
  for (let page = 0; page < META_PAGES; page += 1) {
    const at = page * PAGE_BYTES + AT_LAST_PAGE;
    before.copy(bytes, at, at, at - AT_LAST_PAGE + AT_TXNID + NUMBER_BYTES);
  }
  return bytes;
}

/** What a reader sees, undefined where it finds that a transaction has lost its number. */
async function watermarkIn(folder: string): Promise<number | undefined> {
  try {
    const log = await withoutWaiting(() => LmdbRunLog.open(folder));
    await log.close();
    return log.watermark;
  } catch (error) {
    assert.match(String(error), "has lost the number of its transaction");
    return undefined;
  }
}

for (const [name, steps] of Object.entries(COMMITS)) {
  test(`${name}: the one before it stays, whatever has got to the disk`, () =>
    inTemporaryFolder(async (directory) => {
      const folder = path.join(directory, "desk-1", runId);
      mkdirSync(folder, { recursive: true });
      const commit = await lastOf(steps, folder);
      const old = await contentAs(folder, commit.before);
      const whole = await contentAs(folder, commit.after);
      const failed = { before: commit.before, after: unnumbered(commit) };
      let kept = 0;
      for (const pieceBytes of [PAGE_BYTES, SECTOR_BYTES]) {
        const [metas, pages] = [0, 1].map((part) =>
          changesOf(failed, pieceBytes).filter((at) => Number(at > PAGE_BYTES) === part),
        ) as [number[], number[]];
        assert.is(metas.length, 1);
        for (const subset of subsetsOf(pages, pages.length)) {
          const image = imageOf(failed, [...metas, ...subset], pieceBytes);
          writeFileSync(path.join(folder, "data.mdb"), image);
          const found = await watermarkIn(folder);
          checkFoundFile(folder);
          const content = await contentOf(folder);
          assert.ok(content === old || content === whole, `${name}: ${subset.join()}`);
          // What may all be there is not read before the recovery has given it its number back.
          if (found === undefined) continue;
          assert.is(content, old);
          assert.is(found, await watermarkIn(folder), subset.join());
          kept += 1;
        }
      }
      assert.ok(kept > 0);
      await goOn(folder);
    }));
}

test("what its pages held long ago does not pass for the state before", () =>
  inTemporaryFolder(async (directory) => {
    for (const anchors of [2, 3, 4, 5, 6, 7]) {
      const folder = path.join(directory, String(anchors));
      const file = path.join(folder, "data.mdb");
      mkdirSync(folder);
      // No commit has a row more, and all are on one leaf: any older state is as large as the last.
      const steps = [
        ...(COMMITS["the first one"] ?? []),
        ...Array.from({ length: anchors }, () => recordAnchor),
      ];
      await lastOf(steps, folder);
      const states = [];
      for (let n = 0; n < 2; n += 1) {
        const heir = await LogWriter.open({ folder, mode: "recover", runId });
        states.push(readFileSync(file));
        await heir.close();
      }
      const [before, after] = states as [Buffer, Buffer];
      rmSync(path.join(folder, "lock.mdb"));
      const old = await contentAs(folder, before);
      const failed = { before, after: unnumbered({ before, after }) };
      const meta = changesOf(failed, PAGE_BYTES).filter((at) => at <= PAGE_BYTES);
      writeFileSync(file, imageOf(failed, meta, PAGE_BYTES));
      checkFoundFile(folder);
      assert.is(await contentOf(folder), old, String(anchors));
      await goOn(folder);
    }
  }));

test.run();
