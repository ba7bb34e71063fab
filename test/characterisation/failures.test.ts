import { suite } from "uvu";
import * as assert from "uvu/assert";
import { failing, hasStrace, inFolder, runIn, type Ran } from "./support/lmdbProgram.ts";

const test = suite("what lmdb does when the disk fails");
const THREE_COMMITS = `
  const db = ours();
  for (let n = 1; n <= 3; n += 1) attempt(() => { store(db, key(n)); say("stored " + n); });
  say([...db.getKeys({})].map((row) => row[0]));
`;
/** The new file, the page and the meta page of the first transaction; then pages take writev. */
const SECOND_META = "error=EIO:when=4";
/** The meta page of the second transaction cannot be written. */
const LOST_META = `
  const db = ours();
  for (const n of [1, 2]) attempt(() => store(db, key(n)));
`;
/** Ends a process whose only thread stands still in native code. */
const DEADLINE = `
  import { Worker } from "node:worker_threads";
  const deadline = new Worker(
    \`require("node:worker_threads").parentPort.once("message", () => setTimeout(() => {
      require("node:fs").writeSync(1, "ended\\\\n");
      process.kill(process.pid, "SIGKILL");
    }, 500))\`,
    { eval: true, execArgv: [] },
  );
  await new Promise((resolve) => deadline.once("online", resolve));
`;

function failingAt(syscall: string, how: string, program: string): Ran {
  return inFolder((folder) => runIn(folder, program, failing(folder, syscall, how)));
}

/** What is heard of the failure of a step, there and behind the caller's back. */
function heardOf(step: string): readonly string[] {
  return failingAt(
    "writev",
    "error=EIO:when=1",
    `process.on("unhandledRejection", () => say("unhandled"));
    const db = ours({ eventTurnBatching: true });
    store(db, key(1));
    ${step}
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    die();`,
  ).said;
}

if (hasStrace("system calls that fail")) {
  // So a failure is fatal, whatever its number, and the number is LMDB's or that of the system.
  for (const [name, number] of [
    ["EIO", 5],
    ["ENOSPC", 28],
  ] as const) {
    test(`a transaction whose pages give ${name} throws ${number}, and stores nothing`, () => {
      const { said } = failingAt("writev", `error=${name}:when=1`, THREE_COMMITS);
      assert.equal(said, ["stored 1", `threw ${number}`, "stored 3", "1,3"]);
    });
  }

  test("a write that a signal has interrupted is done again", () => {
    for (const [syscall, when] of [
      ["writev", 1],
      ["pwrite64", 4],
    ] as const) {
      const { said } = failingAt(syscall, `error=EINTR:when=${when}`, THREE_COMMITS);
      assert.equal(said, ["stored 1", "stored 2", "stored 3", "1,2,3"], syscall);
    }
  });

  // So room is made before a commit: a disk that is full part-way would look like a broken one.
  test("a short write is EIO, whatever it was", () => {
    const { said } = failingAt("pwrite64", "retval=512:when=2", THREE_COMMITS);
    assert.equal(said, ["threw 5", "stored 2", "stored 3", "2,3"]);
  });

  // So a commit that fails is heard of where it is awaited, and nowhere else.
  test("transactionSync rejects nothing behind the caller's back, and put does", () => {
    assert.equal(heardOf("attempt(() => store(db, key(2)));"), ["threw 5"]);
    const [first, ...others] = heardOf(
      'await db.put(key(2), value("a")).catch(() => say("caught"));',
    );
    assert.is(first, "caught");
    assert.ok(others.length > 0 && others.every((heard) => heard === "unhandled"), String(others));
  });

  // So a failure is told by its number alone.
  test("the text of a failure may be that of an earlier one", () => {
    const { said } = failingAt(
      "pwrite64",
      SECOND_META,
      `const db = ours();
      store(db, key(1));
      const prefetch = () => new Promise((resolve) => db.prefetch([key(1)], resolve));
      await prefetch();
      attempt(() => store(db, key(2)));
      // It fails, and says nothing.
      await prefetch();
      for (const n of [3, 4]) {
        try { store(db, key(n)); } catch ({ code, message }) { say(code + " " + message); }
      }
      die();`,
    );
    assert.is(said.length, 3);
    assert.match(said[1] ?? "", /^22 Invalid argument: MDB_PANIC/);
    assert.is(said[2], "22 Invalid argument");
  });

  // So the first failure is the last time that the environment is touched.
  test("after a meta page that could not be written every transaction and every read fails", () => {
    const { said } = failingAt(
      "pwrite64",
      SECOND_META,
      `${LOST_META}
      attempt(() => store(db, key(3)));
      attempt(() => db.get(key(1)));
      attempt(() => store(db, key(3)));
      die();`,
    );
    assert.equal(said, ["threw 5", "threw 22", "threw -30795", "threw 22"]);
  });

  // So the process that writes kills itself, and closes nothing.
  test("after it a put never settles, and then a transaction or close stands still for ever", () => {
    for (const step of ["store(db, key(4));", "await db.close();"]) {
      const { said, exit } = failingAt(
        "pwrite64",
        SECOND_META,
        `${DEADLINE} ${LOST_META}
        // What lmdb says of the put is all that is ever heard of it.
        const told = new Promise((resolve) => { console.error = resolve; });
        const settled = () => say("settled");
        db.put(key(3), value("a")).then(settled, settled);
        say("told " + (await told).code);
        deadline.postMessage("");
        ${step}
        say("went on");`,
      );
      assert.equal(said, ["threw 5", "told -30795", "ended"], step);
      assert.is(exit, "SIGKILL");
    }
  });
}

test.run();
