import { suite } from "uvu";
import * as assert from "uvu/assert";
import { saidBy } from "./support/lmdbProgram.ts";

const test = suite("what a transaction of lmdb does");

// So a transaction is given up by throwing, or by returning ABORT.
test("a throw and ABORT in transactionSync take everything back", () => {
  const said = saidBy(
    `const db = ours();
    attempt(() => db.transactionSync(() => { db.putSync(key(1), value("a")); throw new Error(); }));
    db.transactionSync(() => { db.putSync(key(2), value("a")); return lmdb.ABORT; });
    store(db, key(3));
    say([...db.getKeys({})].map((row) => row[0]));`,
  );
  assert.equal(said, ["threw undefined", "3"]);
});

// So a frame cannot be written over, and of an index key the first seq stays.
test("noOverwrite leaves what is there and says so", () => {
  const said = saidBy(
    `const db = ours();
    db.transactionSync(() => {
      say(db.putSync(key(1), value("first"), { noOverwrite: true }));
      say(db.putSync(key(1), value("second"), { noOverwrite: true }));
      say(db.putSync(key(2), value("without")));
    });
    say(db.get(key(1)));`,
  );
  assert.equal(said, ["true", "false", "true", "first"]);
});

// So the buffer of a frame can be used again once it is put, whatever its size.
test("putSync copies the value", () => {
  const said = saidBy(
    `const db = ours();
    const values = [4, 3000, 100000].map((length) => Buffer.alloc(length, "a"));
    db.transactionSync(() => {
      values.forEach((bytes, n) => { db.putSync(key(n), bytes); bytes.fill("b"); });
    });
    values.forEach((bytes, n) => say(db.get(key(n)).every((byte) => byte === 97)));`,
  );
  assert.equal(said, ["true", "true", "true"]);
});

// So the body of a transaction is a block that returns nothing.
test("a promise that the body returns makes transactionSync asynchronous", () => {
  const said = saidBy(
    `const db = ours();
    say(typeof db.transactionSync(() => db.put(key(1), value("a"))).then);
    say(typeof db.transactionSync(() => { db.putSync(key(2), value("a")); }));
    process.exit();`,
  );
  assert.equal(said, ["function", "undefined"]);
});

// So rows are ordered by what they are, and frames come last.
test("binary keys are in the order of their bytes, up to 511 of them and more", () => {
  const said = saidBy(
    `const db = ours();
    const keys = [[0], [0, 0], [1], [0x10], [0x7f], [0x80], [0xff], [0xff, 0]];
    for (const row of keys.toReversed()) store(db, key(...row));
    say(JSON.stringify([...db.getKeys({})]) === JSON.stringify(keys.map((row) => Buffer.from(row))));
    store(db, new Uint8Array(511).fill(2));
    say(db.get(new Uint8Array(511).fill(2)));`,
  );
  assert.equal(said, ["true", "a"]);
});

// So every commit first looks whether the path still leads to the file that is open.
test("a transaction is stored to a file that was removed", () => {
  const said = saidBy(
    `const db = ours();
    store(db, key(1));
    fs.rmSync(file);
    store(db, key(2));
    say(db.get(key(2)));
    say(fs.existsSync(file));`,
  );
  assert.equal(said, ["a", "false"]);
});

// So what we open is looked at for the flags that we rely on.
test("overlapping syncs are on, and no syncs off, unless it is asked for otherwise", () => {
  const said = saidBy(
    `const OVERLAPPING_SYNC = 0x1000;
    const NO_SYNC = 0x10000;
    const tell = (db) => {
      const flags = lmdb.nativeAddon.getEnvFlags(db.env.address);
      say([OVERLAPPING_SYNC, NO_SYNC].map((flag) => (flags & flag) !== 0));
    };
    tell(ours());
    fs.mkdirSync(join(folder, "other"));
    tell(lmdb.open({ path: join(folder, "other") }));`,
  );
  assert.equal(said, ["false,true", "true,false"]);
});

test.run();
