import type { ChildProcess } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fileHolder, holdFile } from "../../../src/backends/lmdb/fileLease.ts";
import type { HeldLease, LeaseAttempt } from "../../../src/backends/lmdb/LeaseHolder.ts";
import { ended, printed, startProgram } from "./childProcess.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("fileLease");

const CONTENDERS = 4;
const ROUNDS = 150;

function heldOf(attempt: LeaseAttempt): HeldLease {
  assert.ok("held" in attempt);
  return attempt.held;
}

interface Contender {
  readonly child: ChildProcess;
  readonly next: () => Promise<string>;
}

function contender(): Contender {
  const child = startProgram("contendForFile");
  if (child.stdout === null) throw new Error("no pipe");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async () => String((await lines.next()).value) };
}

/** Says a line to all at once, and gives what each of them answers. */
function ask(contenders: readonly Contender[], line: string): Promise<string[]> {
  for (const { child } of contenders) child.stdin?.write(`${line}\n`);
  return Promise.all(contenders.map(({ next }) => next()));
}

test("a lock file is held once in a process", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, ".lease");
    const held = heldOf(await holdFile(file));
    const attempt = await holdFile(file);
    assert.ok("holder" in attempt && attempt.holder.pid === process.pid);
    assert.is((await fileHolder(file))?.pid, process.pid);
    await held.release();
    assert.is(await fileHolder(file), undefined);
    await heldOf(await holdFile(file)).release();
  });
});

test("a lock file of a process that has ended, or of nobody, is taken over", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, ".lease");
    const child = startProgram("holdLease", folder);
    await printed(child);
    const { pid } = child;
    await writeFile(`${file}.1`, JSON.stringify({ pid, sinceMs: 1 }));
    assert.equal(await holdFile(file), { holder: { pid, sinceMs: 1 } });
    child.kill("SIGKILL");
    await ended(child);
    await heldOf(await holdFile(file)).release();
    // Our own pid, from a process that had it before.
    for (const text of [JSON.stringify({ pid: process.pid }), "", "null", '{"pid":"x"}']) {
      await writeFile(`${file}.1`, text);
      assert.is(await fileHolder(file), undefined);
      await heldOf(await holdFile(file)).release();
    }
  });
});

test("of many processes that contend for a dead holder's file one gets it, every time", async () => {
  await inTemporaryFolder(async (folder) => {
    const contenders = Array.from({ length: CONTENDERS }, contender);
    try {
      await Promise.all(contenders.map(({ next }) => next()));
      for (let round = 0; round < ROUNDS; round += 1) {
        const file = path.join(folder, `${round}`);
        await writeFile(`${file}.1`, "{}");
        const answers = await ask(contenders, file);
        assert.is(answers.filter((answer) => answer === "held").length, 1, `round ${round}`);
        await ask(contenders, "release");
        assert.is(await fileHolder(file), undefined);
      }
    } finally {
      for (const { child } of contenders) child.kill("SIGKILL");
      await Promise.all(contenders.map(({ child }) => ended(child)));
    }
  });
});

test("of many who contend in one process one gets it, every time", async () => {
  await inTemporaryFolder(async (folder) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const file = path.join(folder, `${round}`);
      await writeFile(`${file}.1`, "{}");
      const attempts = await Promise.all(Array.from({ length: 20 }, () => holdFile(file)));
      assert.is(attempts.filter((attempt) => "held" in attempt).length, 1, `round ${round}`);
    }
  });
});

test("who finds a dead holder too late does not step in behind those who came since", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, "lease");
    for (let turn = 0; turn < 5; turn += 1) await heldOf(await holdFile(file)).release();
    const held = heldOf(await holdFile(file));
    // What is left of the first ones is gone: their numbers could be created again.
    assert.equal((await readdir(folder)).toSorted(), ["lease.5", "lease.6"]);
    await writeFile(path.join(folder, "lease.2"), "{}");
    assert.is((await fileHolder(file))?.pid, process.pid);
    assert.ok("holder" in (await holdFile(file)));
    await held.release();
  });
});

test("a release stands, however late the halt before it is written", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = path.join(folder, "lease");
    const held = heldOf(await holdFile(file));
    held.markHalted();
    await held.release();
    assert.is(await fileHolder(file), undefined);
    await heldOf(await holdFile(file)).release();
  });
});

test.run();
