import { readFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { failing, hasStrace, inFolder, runIn, saidBy } from "./support/lmdbProgram.ts";

const test = suite("what a transaction of lmdb does");
const THREE_COMMITS = `
  const db = ours();
  for (let n = 1; n <= 3; n += 1) attempt(() => { store(db, key(n)); say("stored " + n); });
  say([...db.getKeys({})].map((row) => row[0]));
`;

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
test("overlapping syncs are on unless they are turned off", () => {
  const said = saidBy(
    `const OVERLAPPING_SYNC = 0x1000;
    const flagsOf = (db) => lmdb.nativeAddon.getEnvFlags(db.env.address);
    say((flagsOf(ours()) & OVERLAPPING_SYNC) !== 0);
    fs.mkdirSync(join(folder, "other"));
    say((flagsOf(lmdb.open({ path: join(folder, "other") })) & OVERLAPPING_SYNC) !== 0);`,
  );
  assert.equal(said, ["false", "true"]);
});

if (hasStrace("transactions whose system calls are seen or fail")) {
  test("transactionSync returns after the pages and then the meta are on the disk", () => {
    inFolder((folder) => {
      const trace = path.join(folder, "trace");
      const calls = "trace=openat,fdatasync,pwrite64,write";
      const under = ["strace", "-f", "-y", "-e", calls, "-o", trace];
      assert.is(runIn(folder, THREE_COMMITS, { under }).exit, 0);
      assert.equal(
        stepsOf(readFileSync(trace, "utf8")),
        Array(3).fill("sync meta stored").join(" "),
      );
    });
  });

  // So a failure is fatal, whatever its number, and the number is LMDB's or EIO.
  for (const [how, number] of [
    ["error=EIO", 5],
    ["error=ENOSPC", 28],
    ["error=EINTR", 4],
  ] as const) {
    test(`a transaction whose sync gives ${how} throws ${number}, and stores nothing`, () => {
      inFolder((folder) => {
        const { said } = runIn(
          folder,
          THREE_COMMITS,
          failing(folder, "fdatasync", `${how}:when=2`),
        );
        assert.equal(said, ["stored 1", `threw ${number}`, "stored 3", "1,3"]);
      });
    });
  }

  // So room is made before a commit: a disk that is full part-way would look like a broken one.
  test("a short write is EIO, whatever it was", () => {
    inFolder((folder) => {
      // The new file, then a page and a meta per commit.
      const short = failing(folder, "pwrite64", "retval=512:when=2");
      assert.equal(runIn(folder, THREE_COMMITS, short).said, [
        "threw 5",
        "stored 2",
        "stored 3",
        "2,3",
      ]);
    });
  });

  // So the first failure is the last time that the environment is touched.
  test("after a meta that could not be written every transaction fails", () => {
    inFolder((folder) => {
      const program = `const db = ours();
        for (const n of [1, 2]) attempt(() => store(db, key(n)));
        process.kill(process.pid, "SIGKILL");`;
      const ran = runIn(folder, program, failing(folder, "pwrite64", "error=EIO:when=3"));
      assert.equal(ran.said, ["threw 5", "threw 22"]);
    });
  });
}

/** The steps of the commits in a trace: syncs and writes through as they return. */
function stepsOf(trace: string): string {
  const metaFile = /openat\([^\n]*data\.mdb"[^\n]*O_DSYNC[^\n]*= (\d+)</.exec(trace)?.[1];
  const steps: string[] = [];
  for (const line of trace.split("\n")) {
    if (/fdatasync\(.*data\.mdb>\) += 0$/.test(line)) steps.push("sync");
    if (line.includes(` pwrite64(${metaFile}<`) && / = \d+$/.test(line)) steps.push("meta");
    if (/ write\(1<.*"stored /.test(line)) steps.push("stored");
  }
  return steps.join(" ");
}

test.run();
