import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkDataFile } from "../../../../src/backends/lmdb/datafile/checkDataFile.ts";
import { PageFile } from "../../../../src/backends/lmdb/datafile/PageFile.ts";
import type { Snapshot } from "../../../../src/backends/lmdb/datafile/Snapshot.ts";
import { Snapshots } from "../../../../src/backends/lmdb/datafile/Snapshots.ts";
import { ended, startProgram } from "../childProcess.ts";
import { inTemporaryFolder } from "../temporaryFolder.ts";

const test = suite("reading beside a writer");
const COMMITS = 10_000;
const COUNTER = Uint8Array.of(0x10);
const FRAMES = Uint8Array.of(0x40);
const FRAMES_END = Uint8Array.of(0x41);

/** Runs a step over and over while a child writes; gives how often it ran. */
async function whileWritten(step: (folder: string) => Promise<void>): Promise<number> {
  let rounds = 0;
  await inTemporaryFolder(async (folder) => {
    const child = startProgram("commitRows", folder, String(COMMITS));
    const end = ended(child);
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), end]);
    while (child.exitCode === null && child.signalCode === null) {
      await step(folder);
      rounds += 1;
      await setImmediate();
    }
    assert.is(await end, 0);
    await step(folder);
  });
  return rounds;
}

/** What one transaction left: its number in all places, and the last rows of those before it. */
function checkTransaction(snapshot: Snapshot): number {
  const counter = Buffer.from(snapshot.get(COUNTER) ?? []).toString();
  const number = Number(counter);
  const index = snapshot.get(Buffer.from(`0kind\0${(number * 7_919) % 100_003}`));
  assert.is(Buffer.from(index ?? []).toString(), counter);
  let expected = number;
  const range = { start: FRAMES_END, end: FRAMES, reverse: true, limit: 20 };
  for (const { key, value } of snapshot.getRange(range)) {
    assert.is(Buffer.from(key).readUInt32BE(5), expected);
    assert.ok(Buffer.alloc(20_000, expected % 251).equals(value), `row ${expected}`);
    expected -= 1;
  }
  assert.is(expected, Math.max(0, number - 20));
  return number;
}

test("every look is at one transaction, and none is at an older one than the look before", async () => {
  let last = 0;
  let changes = 0;
  let open: { file: PageFile; snapshots: Snapshots } | undefined;
  const rounds = await whileWritten(async (folder) => {
    const file = open?.file ?? PageFile.open(folder);
    open ??= { file, snapshots: new Snapshots(file) };
    const number = open.snapshots.look(checkTransaction);
    assert.ok(number >= last, `${number} after ${last}`);
    if (number > last) changes += 1;
    last = number;
  });
  open?.file.close();
  assert.is(last, COMMITS);
  assert.ok(rounds > 5 && changes > 5, `${rounds} rounds, ${changes} changes`);
});

test("a check raises no alarm and comes to its end", async () => {
  const rounds = await whileWritten((folder) => checkDataFile(folder, "full"));
  assert.ok(rounds > 3, `${rounds} rounds`);
});

test("so does a check of the edges", async () => {
  const rounds = await whileWritten((folder) => checkDataFile(folder, "edges"));
  assert.ok(rounds > 5, `${rounds} rounds`);
});

test.run();
