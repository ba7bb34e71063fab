import { suite } from "uvu";
import * as assert from "uvu/assert";
import { saidBy } from "./support/lmdbProgram.ts";

const test = suite("what lmdb does with the pages of its file");

/** The newest meta, the number of the root page of its tree, and the pages of the file. */
const STATE = `
  const PAGE = 4096;
  const stateOf = () => {
    const bytes = fs.readFileSync(file);
    const metas = [0, PAGE].map((at) => bytes.subarray(at, at + 168));
    const txnids = metas.map((meta) => Number(meta.readBigUInt64LE(152)));
    const meta = metas[txnids[0] > txnids[1] ? 0 : 1];
    const root = Number(meta.readBigUInt64LE(136));
    const page = (number) => bytes.subarray(number * PAGE, (number + 1) * PAGE);
    return { bytes, metas, txnids, meta, root, page };
  };
`;

// What reading in TypeScript takes for granted.
test("magic, version, page size, root, last page and transaction stand where they stood", () => {
  const said = saidBy(
    `${STATE}
    const db = ours();
    for (let n = 1; n <= 5; n += 1) {
      store(db, key(n));
      const { metas, txnids, meta, root, page } = stateOf();
      const stats = db.getStats();
      say([
        metas.every((page) => page.readUInt32LE(24) === 0xbeefc0de && page.readUInt32LE(28) === 2),
        metas.every((page) => page.readUInt16LE(18) === 8 && page.readUInt32LE(48) === PAGE),
        // Each transaction writes the meta page that its number picks.
        txnids[n % 2] === n && txnids[(n + 1) % 2] === n - 1,
        Number(meta.readBigUInt64LE(144)) === stats.lastPageNumber,
        // A leaf, of this transaction, with its own number.
        page(root).readUInt16LE(18) === 2 && Number(page(root).readBigUInt64LE(8)) === n,
        Number(page(root).readBigUInt64LE(0)) === root,
      ].every(Boolean));
    }`,
  );
  assert.equal(said, Array(5).fill("true"));
});

// So zeros can be written ahead, and cut off behind the last page that is used.
test("a file with room keeps its size, and what follows the last page is nothing to lmdb", () => {
  const said = saidBy(
    `let db = ours();
    fs.appendFileSync(file, Buffer.alloc(2 ** 20, 0xab));
    const { size } = fs.statSync(file);
    db.transactionSync(() => { for (let n = 0; n < 20; n += 1) db.putSync(key(n), Buffer.alloc(2000)); });
    say(fs.statSync(file).size === size);
    const { pageSize, lastPageNumber } = db.getStats();
    await db.close();
    say(fs.statSync(file).size === size);
    fs.truncateSync(file, (lastPageNumber + 1) * pageSize);
    db = ours();
    say([...db.getRange({})].filter(({ value }) => value.length === 2000).length);
    store(db, key(99));
    say(fs.statSync(file).size <= (db.getStats().lastPageNumber + 1) * pageSize);`,
  );
  assert.equal(said, ["true", "true", "20", "true"]);
});

// So the size of a value's own pages can be told before, and room made for it.
test("a large value takes whole pages after a header of 24 bytes", () => {
  const said = saidBy(
    `const db = ours();
    store(db, key(1));
    for (const length of [4072, 4073, 8168, 8169]) {
      const before = db.getStats().overflowPages;
      store(db, key(2, length >> 8, length & 255), Buffer.alloc(length));
      say(db.getStats().overflowPages - before);
    }`,
  );
  assert.equal(said, ["1", "2", "2", "3"]);
});

test.run();
