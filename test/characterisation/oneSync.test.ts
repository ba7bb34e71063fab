import { readFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { META_PAGES } from "../../src/backends/lmdb/datafile/metas.ts";
import { failing, hasStrace, inFolder, runIn } from "./support/lmdbProgram.ts";
import { metaOf, pagesOf, PAGE_BYTES, txnidOf } from "./support/pages.ts";

/*
 * LMDB is open without syncs, and each commit is followed by one of ours. So a power cut may leave any
 * part of the last transaction, and what LMDB writes, where and when, decides what is left of the log.
 */
const test = suite("what lmdb writes, on which one sync per commit relies");
const SECTOR_BYTES = 512;
const THREE_COMMITS = `
  const db = ours();
  for (let n = 1; n <= 3; n += 1) { store(db, key(n)); say("stored " + n); }
`;

/** A life with all that a log does: new rows small and large, many at once, and rows replaced. */
const MANY_COMMITS = 60;
const LIFE = `
  const db = ours();
  for (let n = 0; n < ${MANY_COMMITS}; n += 1) {
    db.transactionSync(() => {
      db.putSync(key(0x10), value(n));
      db.putSync(key(0x40, n), Buffer.alloc(n % 3 === 0 ? 9000 : 700, n));
      for (let row = 0; row < (n % 5) * 20; row += 1) db.putSync(key(0x20, row % 7, row, n), value(n));
    });
    fs.copyFileSync(file, join(folder, String(n)));
  }
  die();
`;

/** The file as each transaction of a life has left it. */
function statesOf(folder: string): readonly Buffer[] {
  assert.is(runIn(folder, LIFE).exit, "SIGKILL");
  return Array.from({ length: MANY_COMMITS }, (_, n) => readFileSync(path.join(folder, String(n))));
}

// So the transaction before a torn one is whole, and a reader without a slot can tell by the metas
// whether what it has read still holds.
test("what a transaction leaves is not written over before the third one after it", () => {
  inFolder((folder) => {
    const states = statesOf(folder);
    const overwritten = [0, 0, 0, 0];
    for (const [n, state] of states.entries()) {
      for (let later = 1; later <= 3; later += 1) {
        const then = states[n + later];
        if (then === undefined) continue;
        const isGone = [...pagesOf(state)].some(([at, page]) => !samePage(then, at, page));
        overwritten[later] = (overwritten[later] ?? 0) + Number(isGone);
      }
    }
    assert.equal(overwritten.slice(1, 3), [0, 0]);
    assert.ok((overwritten[3] ?? 0) > MANY_COMMITS / 2, String(overwritten[3]));
  });
});

// So what a transaction has written is known by its number, and the rest was there before.
test("every page of a transaction is of the one before, as it was, or carries its number", () => {
  inFolder((folder) => {
    let before = new Map<number, Buffer>();
    let kept = 0;
    for (const state of statesOf(folder)) {
      const pages = pagesOf(state);
      const { txnid } = metaOf(state);
      for (const [at, page] of pages) {
        const isKept = before.get(at)?.equals(page) === true;
        assert.ok(isKept || txnidOf(page) === txnid, `page ${at} of ${txnid}`);
        kept += Number(isKept);
      }
      before = pages;
    }
    assert.ok(kept > MANY_COMMITS, String(kept));
  });
});

if (hasStrace("what a transaction writes, call by call")) {
  // So no commit waits for a disk in LMDB, and none is durable before our own sync.
  test("transactionSync writes its pages, then its meta page, and nothing is ever synced", () => {
    inFolder((folder) => {
      const trace = path.join(folder, "trace");
      const calls = "trace=/sync|^p?write|^openat$|^ftruncate";
      const under = ["strace", "-f", "-y", "-e", calls, "-o", trace];
      const program = `${THREE_COMMITS} await db.close(); say("closed");`;
      assert.is(runIn(folder, program, { under }).exit, 0);
      const steps = stepsOf(readFileSync(trace, "utf8")).join(" ");
      assert.is(steps, `pages ${"pages meta said ".repeat(3)}said`);
    });
  });

  // So a meta page is old or new after a power cut, and to give it other trees is one such write.
  test("what a transaction changes of a meta page is one write within a sector", () => {
    inFolder((folder) => {
      const trace = path.join(folder, "trace");
      const under = ["strace", "-f", "-y", "-e", "trace=pwrite64", "-o", trace];
      runIn(folder, THREE_COMMITS, { under });
      const writes = [...readFileSync(trace, "utf8").matchAll(META_WRITE)];
      const at = writes.map(([, , offset]) => Number(offset));
      assert.equal(
        at.map((offset) => Math.floor(offset / PAGE_BYTES)),
        [1, 0, 1],
      );
      for (const [, bytes, offset] of writes) {
        assert.ok((Number(offset) % SECTOR_BYTES) + Number(bytes) <= SECTOR_BYTES);
      }
    });
  });

  // So the recovery tells such a transaction from damage, and gives it its number back (D-032).
  test("a meta page that cannot be written is written again, with the new trees and the old number", () => {
    inFolder((folder) => {
      // The new file, then a page and a meta, then metas alone: the pages are written with writev.
      const { said } = runIn(folder, LOST_META, failing(folder, "pwrite64", "error=EIO:when=5"));
      assert.equal(said, ["threw 5"]);
      const [before, after] = ["before", "after"].map((name) =>
        readFileSync(path.join(folder, name)),
      ) as [Buffer, Buffer];
      const [was, is] = [metaOf(before, 1), metaOf(after, 1)];
      assert.equal([was.txnid, is.txnid, is.lastPage], [1, 1, was.lastPage]);
      assert.not.equal([is.main, is.free], [was.main, was.free]);
      assert.equal(
        [is.main, is.free].map((root) => txnidOf(after.subarray(root * PAGE_BYTES))),
        [3, 3],
      );
      // The other one, which leads to the transaction before, is as it was.
      assert.ok(after.subarray(0, PAGE_BYTES).equals(before.subarray(0, PAGE_BYTES)));
    });
  });

  test("one that can never be written stays as it was", () => {
    inFolder((folder) => {
      runIn(folder, LOST_META, failing(folder, "pwrite64", "error=EIO:when=5+"));
      const [before, after] = ["before", "after"].map((name) =>
        readFileSync(path.join(folder, name)).subarray(0, META_PAGES * PAGE_BYTES),
      );
      assert.equal(after, before);
    });
  });
}

/** Two transactions, and a third; the file before that and after it. */
const LOST_META = `
  const db = ours();
  for (const n of [1, 2]) store(db, key(n));
  fs.copyFileSync(file, join(folder, "before"));
  attempt(() => store(db, key(3)));
  fs.copyFileSync(file, join(folder, "after"));
  die();
`;

/** A write below the first page that is no meta page: its size and its place. */
const META_WRITE = / pwrite64\(\d+<[^>]*data\.mdb>, .*, (\d+), ((?:40|4136))\) = \1/g;

/** What a trace has of data.mdb, and what the program said, in order. */
function stepsOf(trace: string): string[] {
  // LMDB opens the file a second time, so that what it writes there is synced at once.
  const through = /openat\([^\n]*data\.mdb"[^\n]*O_DSYNC[^\n]*= (\d+)</.exec(trace)?.[1];
  assert.is.not(through, undefined);
  return trace.split("\n").flatMap((line) => {
    const [, call = "", number, file = ""] = /^\d+ +(\w+)\((\d*)<([^>]*)>/.exec(line) ?? [];
    if (call.includes("sync")) return [call];
    if (!call.includes("write")) return [];
    if (number === "1") return ["said"];
    if (!file.endsWith("data.mdb")) return [];
    if (number === through) return ["synced"];
    return [new RegExp(META_WRITE.source).test(line) ? "meta" : "pages"];
  });
}

function samePage(state: Buffer, pageNumber: number, page: Buffer): boolean {
  const at = pageNumber * PAGE_BYTES;
  return state.subarray(at, at + page.length).equals(page);
}

test.run();
