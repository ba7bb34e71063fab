import { spawnSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasCrashed, inFolder, runIn, saidBy } from "./support/lmdbProgram.ts";

const test = suite("what lmdb does with the file that it opens");
const FILLED =
  "const db = ours(); for (let n = 0; n < 40; n += 1) store(db, key(n), Buffer.alloc(2000));";

// So it is opened by a process of its own, whose death is a halt, after a check in TypeScript.
test("what is no database ends the process", () => {
  inFolder((folder) => {
    writeFileSync(path.join(folder, "data.mdb"), "no database ".repeat(1_000));
    const ran = runIn(folder, "attempt(() => ours()); say('open');");
    assert.ok(hasCrashed(ran), String(ran.exit));
    assert.equal(ran.said, []);
  });
});

// So an empty data.mdb of a run that has a manifest is damage to us, and never comes here.
test("an empty file is a new database", () => {
  inFolder((folder) => {
    runIn(folder, `${FILLED} await db.close();`);
    truncateSync(path.join(folder, "data.mdb"), 0);
    assert.equal(runIn(folder, "say(ours().getKeysCount({}));").said, ["0"]);
  });
});

// So the check looks for every page that is referred to, and reading does without LMDB.
test("a file cut in half opens, and reading it ends the process", () => {
  inFolder((folder) => {
    runIn(folder, `${FILLED} await db.close();`);
    truncateSync(path.join(folder, "data.mdb"), 40_960);
    const ran = runIn(
      folder,
      "const db = ours(); say('open'); for (const row of db.getRange({}));",
    );
    assert.equal(ran.said, ["open"]);
    assert.ok(hasCrashed(ran), String(ran.exit));
  });
});

// So both metas have to be of transactions in a row: the check says what LMDB does not.
test("a damaged meta page takes the last transaction back, silently", () => {
  inFolder((folder) => {
    const { said } = runIn(
      folder,
      `let db = ours();
      for (let n = 0; n < 4; n += 1) store(db, key(n));
      say(db.getKeysCount({}));
      await db.close();
      const bytes = fs.readFileSync(file);
      const txnid = (page) => bytes.readBigUInt64LE(page * 4096 + 152);
      bytes.writeBigUInt64LE(0n, txnid(0) > txnid(1) ? 152 : 4096 + 152);
      fs.writeFileSync(file, bytes);
      db = ours();
      say(db.getKeysCount({}));`,
    );
    assert.equal(said, ["4", "3"]);
  });
});

// So mapSize is 64 GiB from the start, and the process that maps it is not the user's.
test("a map for which there is no room ends the process", () => {
  if (spawnSync("prlimit", ["--version"]).status !== 0) {
    return console.log("Skipped: a map without room (there is no prlimit here)");
  }
  inFolder((folder) => {
    const under = ["prlimit", `--as=${40 * 2 ** 30}`];
    const ran = runIn(folder, "attempt(() => ours()); say('open');", { under });
    assert.ok(hasCrashed(ran), String(ran.exit));
    assert.equal(runIn(folder, "ours(); say('open');").said, ["open"]);
  });
});

test("permissionsMode is that of both files, as far as the umask lets it", () => {
  const said = saidBy(
    `process.umask(0);
    ours();
    for (const name of ["data.mdb", "lock.mdb"]) {
      say((fs.statSync(join(folder, name)).mode & 0o777).toString(8));
    }`,
  );
  assert.equal(said, ["600", "600"]);
});

// So what opens has a time limit.
test("opening waits for the transaction of another process", () => {
  const said = saidBy(
    `import { spawn } from "node:child_process";
    const db = "lmdb.open({ path: process.argv[1], overlappingSync: false, mapSize: 64 * 2 ** 30 })";
    const wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)";
    const body = "() => { fs.writeSync(1, 'in'); " + wait + "; fs.writeSync(1, String(Date.now())); }";
    const source = "import * as lmdb from 'lmdb'; import * as fs from 'node:fs';" +
      db + ".transactionSync(" + body + "); process.kill(process.pid, 'SIGKILL');";
    const other = spawn(process.execPath, ["--input-type=module", "--eval", source, folder]);
    const heard = [];
    other.stdout.on("data", (chunk) => heard.push(String(chunk)));
    await new Promise((resolve) => other.stdout.once("data", resolve));
    ours();
    const openedAt = Date.now();
    await new Promise((resolve) => other.once("close", resolve));
    say(heard[0]);
    say(Number(heard.slice(1).join("")) <= openedAt);`,
  );
  assert.equal(said, ["in", "true"]);
});

// So a crash of the writer blocks nobody.
test("a process that is killed inside a transaction leaves nothing of it, and no lock", () => {
  inFolder((folder) => {
    const killed = runIn(
      folder,
      `const db = ours();
      db.transactionSync(() => {
        db.putSync(key(1), value("a"));
        process.kill(process.pid, "SIGKILL");
        for (;;);
      });`,
    );
    assert.is(killed.exit, "SIGKILL");
    const { said } = runIn(
      folder,
      "const db = ours(); say(db.get(key(1))); store(db, key(2)); say(2);",
    );
    assert.equal(said, ["undefined", "2"]);
  });
});

test.run();
