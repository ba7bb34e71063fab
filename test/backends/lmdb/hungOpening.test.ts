import { AsyncLocalStorage } from "node:async_hooks";
import fs, { cp, open, type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import timers from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun, type LockedError } from "../../../src/index.ts";
import { failureOf } from "../../streams/support/failureOf.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("an opening on a disk that hangs");
const LIMIT_MS = 10_000;

/** Which opening something belongs to: that in which the sync of this number hangs. */
const opening = new AsyncLocalStorage<number>();
/** Lets the sync that hangs return. */
let land = (): void => {};
/** Lets the limit pass. */
let passTime = (): void => {};

/** Takes a step for which the limit of the files passes when {@link passTime} is called. */
async function withoutLimit<Result>(step: () => Promise<Result>): Promise<Result> {
  const { setTimeout } = timers;
  const timeUp = new Promise<void>((resolve) => (passTime = resolve));
  timers.setTimeout = (async (ms: number, ...rest: [unknown, object]) =>
    ms === LIMIT_MS ? timeUp : setTimeout(ms, ...rest)) as typeof setTimeout;
  syncBuiltinESMExports();
  try {
    return await step();
  } finally {
    timers.setTimeout = setTimeout;
    syncBuiltinESMExports();
  }
}

/** Takes a step in which one of the syncs of files hangs, and the limit then passes at once. */
async function whileHanging<Result>(
  folder: string,
  nth: number,
  step: () => Promise<Result>,
): Promise<Result> {
  const some = await open(folder);
  const handles = Object.getPrototypeOf(some) as Pick<FileHandle, "sync">;
  await some.close();
  const { sync } = handles;
  let calls = 0;
  handles.sync = function hanging(this: FileHandle) {
    // What an opening before has begun may still go on.
    if (opening.getStore() === nth) calls += 1;
    if (opening.getStore() !== nth || calls !== nth) return sync.call(this);
    passTime();
    return new Promise<void>((resolve) => (land = resolve));
  };
  return withoutLimit(() => opening.run(nth, step)).finally(() => (handles.sync = sync));
}

/** How an opening ends in which one of the syncs hangs; undefined where it has no such sync. */
async function failureOfOpening(directory: string, nth: number): Promise<unknown> {
  const opened = whileHanging(join(directory, ".."), nth, () => openRun({ directory }));
  try {
    await (await opened).close();
    return undefined;
  } catch (error) {
    return error;
  }
}

test("rejects, and keeps the instance as long as something may still land", () =>
  inTemporaryFolder(async (folder) => {
    const found = join(folder, "found");
    // One that is there, and one that is to be recovered.
    for (const end of ["close", "abandon"] as const)
      await (await openRun({ directory: found }))[end]();
    let hangs = 0;
    for (let nth = 1, isHung = true; isHung; nth += 1) {
      const directory = join(folder, `runs-${nth}`);
      await cp(found, directory, { recursive: true });
      const failure = await failureOfOpening(directory, nth);
      isHung = failure !== undefined;
      if (!isHung) break;
      hangs += 1;
      assert.match(String(failure), /The disk has not answered for 10000 ms/, `sync ${nth}`);
      assert.is((failure as { code?: unknown }).code, "TIDEMARK_BACKEND");
      const { code, halted } = (await failureOf(openRun({ directory }))) as unknown as LockedError;
      assert.equal([code, halted], ["TIDEMARK_LOCKED", true], `sync ${nth}`);
      land();
    }
    assert.ok(hangs >= 6, `${hangs}`);
  }));

test("rejects where the directory itself cannot be made", () =>
  inTemporaryFolder(async (folder) => {
    const directory = join(folder, "runs");
    assert.match(String(await failureOfOpening(directory, 1)), /The disk has not answered/);
    land();
    await (await openRun({ directory })).close();
  }));

test("rejects where the instance cannot be listed, and lets go of it", () =>
  inTemporaryFolder(async (folder) => {
    const directory = join(folder, "runs");
    await (await openRun({ directory })).close();
    const { readdir } = fs;
    for (let nth = 1; nth <= 3; nth += 1) {
      let calls = 0;
      fs.readdir = (async (...args: Parameters<typeof readdir>) => {
        calls += 1;
        if (calls !== nth) return readdir(...args);
        passTime();
        return new Promise(() => {});
      }) as typeof readdir;
      const failure = await withoutLimit(() => failureOf(openRun({ directory })));
      fs.readdir = readdir;
      syncBuiltinESMExports();
      assert.match(String(failure), /The disk has not answered for 10000 ms/, `readdir ${nth}`);
      await (await openRun({ directory })).close();
    }
  }));

test.run();
