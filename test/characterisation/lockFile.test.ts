import { writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inFolder, runIn, saidBy } from "./support/lmdbProgram.ts";

const test = suite("what lmdb does with its lock file");

// So the lock file can be written in full before: on a full disk the map of a sparse one is deadly.
test("a lock file of zeros is taken as a new one, and one of garbage too", () => {
  inFolder((folder) => {
    for (const byte of [0, 0xff]) {
      writeFileSync(path.join(folder, "lock.mdb"), new Uint8Array(36_864).fill(byte));
      assert.equal(runIn(folder, "store(ours(), key(1)); say('stored');").said, ["stored"]);
    }
  });
});

// So each transaction looks whether it follows the last one, by LMDB's number and by the meta pages.
test("one that is deleted locks nobody out, and the next transaction takes a number again", () => {
  const said = saidBy(
    `const db = ours();
    store(db, key(1));
    fs.rmSync(join(folder, "lock.mdb"));
    store(db, key(2));
    say(fs.existsSync(join(folder, "lock.mdb")));
    db.transactionSync(() => {
      say(elsewhere("const db = ours(); store(db, key(9)); say(db.getKeysCount({}));"));
      return lmdb.ABORT;
    });
    say(fs.existsSync(join(folder, "lock.mdb")));
    db.transactionSync(() => { say(db.getWriteTxnId()); return lmdb.ABORT; });
    const metas = fs.readFileSync(file);
    say([152, 4096 + 152].map((at) => metas.readBigUInt64LE(at)));`,
  );
  assert.equal(said, ["false", "3", "true", "3", "2,3"]);
});

/** How many slots of readers are taken. */
const READERS = `
  const readers = (db) => db.readerList().split("\\n").filter((line) => /[0-9]/.test(line)).length;
`;
/** A process that has a slot, says how many there are, and is killed. */
const READER = `${READERS} const db = ours(); db.get(key(1)); say(readers(db)); die();`;

// So a writer that was killed takes no slot from the next one.
test("the readers of a process that was killed are gone for who opens it alone", () => {
  inFolder((folder) => {
    assert.equal(runIn(folder, READER).said, ["1"]);
    assert.equal(runIn(folder, `${READERS} say(readers(ours()));`).said, ["0"]);
  });
});

// So a stopped writer beside ours costs room in the file at most, and no page that anybody needs.
test("as long as another has it open they stay, and keep pages from being used again", () => {
  const said = saidBy(
    `${READERS}
    const db = ours();
    const growth = () => {
      const before = db.getStats().lastPageNumber;
      for (let n = 0; n < 20; n += 1) store(db, key(1), Buffer.alloc(5000));
      return db.getStats().lastPageNumber - before;
    };
    growth();
    say(growth() < 10);
    say(elsewhere(${JSON.stringify(READER)}));
    say([readers(db), growth() > 20]);
    say(db.readerCheck());
    growth();
    say(growth() < 10);`,
  );
  // The other is our own.
  assert.equal(said, ["true", "2", "2,true", "1", "true"]);
});

test.run();
