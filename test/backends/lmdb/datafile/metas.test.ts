import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  META_BYTES,
  newestMeta,
  pageBytesIn,
  type Meta,
} from "../../../../src/backends/lmdb/datafile/metas.ts";
import { throws } from "../rejection.ts";
import { numberedKey, withTree } from "./support/nativeTree.ts";

const test = suite("newestMeta");
const PAGE_BYTES = 4_096;
const CORRUPTED = { code: "TIDEMARK_CORRUPTED" };

/** The meta pages after some transactions. */
async function metasAfter(commits: number): Promise<readonly [Buffer, Buffer]> {
  let bytes = Buffer.alloc(0);
  await withTree((environment, folder) => {
    for (let commit = 1; commit <= commits; commit += 1) {
      environment.transactionSync(() => {
        environment.putSync(numberedKey(commit), Buffer.alloc(9_000));
      });
    }
    bytes = readFileSync(path.join(folder, "data.mdb"));
  });
  assert.is(pageBytesIn(bytes), PAGE_BYTES);
  return [bytes.subarray(0, META_BYTES), bytes.subarray(PAGE_BYTES, PAGE_BYTES + META_BYTES)];
}

const newest = ([first, second]: readonly [Buffer, Buffer]): Meta =>
  newestMeta(first, second, PAGE_BYTES);

test("is that of the last transaction, on the page of its number", async () => {
  for (const commits of [1, 2, 3, 6]) {
    const meta = newest(await metasAfter(commits));
    assert.equal(
      [meta.txnid, meta.pageNumber, meta.main.sums.rows, meta.main.sums.overflowPages],
      [commits, commits % 2, commits, 3 * commits],
    );
    assert.ok(meta.lastPage >= meta.main.sums.overflowPages + 2);
  }
});

test("of a file that was never written says that its trees are empty", async () => {
  const { txnid, main, free } = newest(await metasAfter(0));
  assert.is(txnid, 0);
  for (const { root, depth } of [main, free]) assert.equal([root, depth], [undefined, 0]);
});

test("of two transactions that do not follow each other is damage", async () => {
  const [first, second] = await metasAfter(4);
  const later = await metasAfter(7);
  // One page of an earlier state, as after a write that was lost.
  throws(() => newest([first, later[1]]), CORRUPTED);
  throws(() => newest([later[0], second]), CORRUPTED);
  // LMDB would go on from the older one.
  throws(() => newest([Buffer.alloc(META_BYTES), second]), CORRUPTED);
  throws(() => newest([first, first]), CORRUPTED);
});

/** Padding, the transaction and the room of a page, address and size of the map, the boot. */
function isUnused(at: number): boolean {
  return (at >= 8 && at < 18) || (at >= 20 && at < 24) || (at >= 32 && at < 48) || at >= 160;
}

/** Depths, sums and roots, and the last page: the check of the trees compares them. */
function isProvenByTrees(at: number): boolean {
  return at >= 54 && at < 152;
}

test("no flipped bit that LMDB would act on passes", async () => {
  const metas = await metasAfter(3);
  const passing = new Set<number>();
  for (const page of [0, 1] as const) {
    for (let bit = 0; bit < META_BYTES * 8; bit += 1) {
      const flipped: [Buffer, Buffer] = [Buffer.from(metas[0]), Buffer.from(metas[1])];
      const at = bit >> 3;
      flipped[page][at] = (flipped[page][at] as number) ^ (1 << (bit & 7));
      try {
        newest(flipped);
        passing.add(at);
      } catch (error) {
        assert.is((error as { code?: string }).code, "TIDEMARK_CORRUPTED");
      }
    }
  }
  const surprising = [...passing].filter((at) => !isUnused(at) && !isProvenByTrees(at));
  assert.equal(surprising, []);
});

test("a size of pages that LMDB does not use is damage", async () => {
  const [first] = await metasAfter(1);
  for (const size of [0, 512, 4_097, 65_536, 2 ** 31]) {
    first.writeUInt32LE(size, 48);
    throws(() => pageBytesIn(first), CORRUPTED);
  }
});

test.run();
