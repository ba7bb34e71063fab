import { suite } from "uvu";
import * as assert from "uvu/assert";
import { failing, hasStrace, inFolder, runIn, saidBy } from "./support/lmdbProgram.ts";

const test = suite("what lmdb does by default, and tidemark does without");

// So everything is checked and encoded before a transaction, and the transaction is synchronous.
test("a throw in an asynchronous transaction keeps what was put before it", () => {
  const said = saidBy(
    `const db = ours();
    const body = () => { db.put(key(1), value("a")); throw new Error("mine"); };
    await db.transaction(body).catch((error) => say(error.message));
    say(db.get(key(1)));
    process.exit();`,
  );
  assert.equal(said, ["mine", "a"]);
});

// So values are never handed to an asynchronous put.
test("put stores what its buffer holds when the transaction comes", () => {
  const said = saidBy(
    `const db = ours();
    const bytes = Buffer.from("aaaa");
    const stored = db.put(key(1), bytes);
    bytes.fill("b");
    await stored;
    say(db.get(key(1)));
    process.exit();`,
  );
  assert.equal(said, ["bbbb"]);
});

if (hasStrace("an acknowledgement in spite of a failed write")) {
  // So overlappingSync is off.
  test("with overlapping syncs a batch is acknowledged although its last write failed", () => {
    inFolder((folder) => {
      const { said } = runIn(
        folder,
        `process.on("unhandledRejection", () => {});
        const db = ours({ overlappingSync: true, noSync: false });
        for (let n = 1; n <= 4; n += 1) {
          await db.put(key(n), value("a"));
          say("acknowledged " + n + ", found " + [...db.getKeys({})].length);
        }
        process.exit();`,
        failing(folder, "pwrite64", "error=EIO:when=11"),
      );
      assert.is(said.at(-1), "acknowledged 4, found 0");
    });
  });
}

test.run();
