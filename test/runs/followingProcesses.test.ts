import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog, openRun, readRun, type RunCatalog, type RunReader } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { eventually } from "../support/processes.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { PACKAGE_FLAGS } from "../support/nodeFlags.ts";

const test = suite("following across processes");

interface Program {
  readonly process: ChildProcess;
  /** The lines that it has printed. */
  readonly lines: () => string[];
  readonly ended: Promise<unknown[]>;
}

function start(name: string, directory: string): Program {
  const program = path.resolve("test/runs/programs", `${name}.ts`);
  const child = spawn(process.execPath, [...PACKAGE_FLAGS, program, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const lines = (): string[] => text.split("\n").slice(0, -1);
  return { process: child, lines, ended: once(child, "close") };
}

/** What keeps this process alive, apart from what it has for itself. */
function handles(): string[] {
  const own = new Set(["PipeWrap", "ProcessWrap", "TTYWrap", "Immediate"]);
  return process.getActiveResourcesInfo().filter((name) => !own.has(name));
}

/** The files of a directory that this process has open. */
function openFiles(directory: string): string[] {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    // The folder of this list is among them, and gone by now.
    return existsSync(`/proc/self/fd/${fd}`) ? readlinkSync(`/proc/self/fd/${fd}`) : "";
  });
  return links.filter((link) => link.startsWith(directory));
}

/** The runs of a directory, and how often somebody has asked for their list. */
function countedLists(directory: string): {
  readonly catalog: RunCatalog;
  readonly lists: () => number;
} {
  let lists = 0;
  const disk = lmdbCatalog({ directory });
  const catalog: RunCatalog = {
    acquire: (instanceId) => disk.acquire(instanceId),
    read: (...asked) => disk.read(...asked),
    list: (...asked) => {
      lists += 1;
      return disk.list(...asked);
    },
  };
  return { catalog, lists: () => lists };
}

async function seqsOf(reader: RunReader): Promise<string[]> {
  const lines: string[] = [];
  for await (const { seq } of reader.entries()) lines.push(`${reader.runId} ${seq}`);
  return lines;
}

test("two followers go from a writer that is killed into the run that continues it", () =>
  inTemporaryFolder(async (directory) => {
    const writer = start("appendUntilKilled", directory);
    await eventually(() => writer.lines().length > 5, "nothing is written");
    const other = start("followRuns", directory);
    const reader = await readRun({ directory });
    const seen: string[] = [];
    let { runId } = reader;
    const following = (async () => {
      const query = {
        live: true,
        followChildren: true,
        onChild: (child: { readonly runId: string }) => {
          ({ runId } = child);
        },
      };
      for await (const { seq } of reader.entries(query)) seen.push(`${runId} ${seq}`);
    })();
    await eventually(() => other.lines().includes("caught up"), "nothing is followed");
    const before = seen.length;
    await eventually(() => seen.length > before + 20, "nothing comes");
    writer.process.kill("SIGKILL");
    await writer.ended;
    const acknowledged = Number(writer.lines().at(-1));

    const child = await openRun({ directory });
    assert.is(child.manifest.parentRunId, reader.runId);
    for (const item of [1, 2, 3]) await child.append(draftOf(item));
    await child.close();
    await Promise.all([following, other.ended]);

    const parent = await readRun({ directory, runId: reader.runId });
    const last = await readRun({ directory });
    const all = [...(await seqsOf(parent)), ...(await seqsOf(last))];
    assert.is(all.length, parent.manifest.highWatermark + 5);
    assert.ok(parent.manifest.highWatermark >= acknowledged);
    assert.equal(seen, all);
    assert.equal(
      other.lines().filter((line) => line !== "caught up"),
      all,
    );
    await Promise.all([reader.close(), parent.close(), last.close()]);
    assert.equal(openFiles(directory), []);
  }));

test("a follower of a run that has halted ends when the process that wrote it does, and not before", () =>
  inTemporaryFolder(async (directory) => {
    const writer = start("haltAndStay", directory);
    try {
      const [halted] = await once(writer.process.stdout as Readable, "data");
      assert.is(String(halted), "backend-error 2\n");
      const { catalog, lists } = countedLists(directory);
      const reader = await readRun({ catalog });
      const seen: number[] = [];
      let isOver = false;
      const following = (async () => {
        for await (const { seq } of reader.entries({ live: true })) seen.push(seq);
        isOver = true;
      })();
      const before = lists();
      // One that hears twice that nobody writes the run is at its end.
      await eventually(() => lists() >= before + 4, "nobody asks who writes the run");
      assert.equal([seen, isOver], [[1, 2], false]);
      writer.process.kill("SIGKILL");
      await following;
      assert.equal([seen, reader.manifest.status], [[1, 2], "running"]);
      await reader.close();
    } finally {
      writer.process.kill("SIGKILL");
      await writer.ended;
    }
  }));

test("who leaves early, in whatever way, leaves nothing that keeps the process alive", () =>
  inTemporaryFolder(async (directory) => {
    const run = await openRun({ directory });
    const before = handles();
    const reader = await readRun({ directory });
    const iterator = reader.entries({ live: true })[Symbol.asyncIterator]();
    assert.is((await iterator.next()).value?.seq, 1);
    const waiting = iterator.next();
    await iterator.return?.();
    assert.is((await waiting).done, true);

    for await (const { seq } of reader.entries({ live: true })) if (seq === 1) break;
    const throwing = (async () => {
      for await (const { seq } of reader.entries({ live: true })) assert.is(seq, 0);
    })();
    await throwing.then(
      () => assert.unreachable(),
      () => undefined,
    );

    const first = new Promise<void>((resolve) => {
      const subscription = reader.entries$({ live: true }).subscribe({
        next: () => queueMicrotask(() => resolve(subscription.unsubscribe())),
        error: assert.unreachable,
      });
    });
    await first;
    const watching = reader.watermark$.subscribe({ error: assert.unreachable });
    assert.ok(handles().includes("FSEventWrap"));
    watching.unsubscribe();
    await eventually(() => !handles().includes("FSEventWrap"), "a watch is left");

    // One that waits while its reader is closed.
    const closed = failureOf(
      (async () => {
        for await (const { seq } of reader.entries({ live: true, from: 2 })) assert.is(seq, 0);
      })(),
    );
    await eventually(() => handles().includes("FSEventWrap"), "nobody waits");
    await reader.close();
    assert.is((await closed).code, "TIDEMARK_CLOSED");
    await eventually(() => handles().length <= before.length, "something is left");
    await run.close();
  }));

test("closes the child that it went on to, with nobody waiting, when the reader is closed", () =>
  inTemporaryFolder(async (directory) => {
    const parent = await openRun({ directory });
    await parent.abandon();
    const child = await openRun({ directory });
    await child.close();
    const before = openFiles(directory).length;
    const reader = await readRun({ directory, runId: parent.runId });
    const query = { live: true, followChildren: true };
    const iterator = reader.entries(query)[Symbol.asyncIterator]();
    for (const seq of [1, 1]) assert.is((await iterator.next()).value?.seq, seq);
    assert.ok(openFiles(directory).length > before + 1);
    await reader.close();
    assert.is(openFiles(directory).length, before);
  }));

for (const [what, code, harm] of [
  ["moved away", "TIDEMARK_NOT_FOUND", (folder: string) => rename(folder, `${folder}.away`)],
  [
    "robbed of its log",
    "TIDEMARK_CORRUPTED",
    (folder: string) => rm(path.join(folder, "data.mdb")),
  ],
] as const) {
  test(`a run that is ${what} while it is followed is an error`, () =>
    inTemporaryFolder(async (directory) => {
      const run = await openRun({ directory });
      const reader = await readRun({ directory });
      const iterator = reader.entries({ live: true })[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = failureOf(iterator.next());
      await harm(path.join(directory, "default", run.runId));
      assert.is((await waiting).code, code);
      await reader.close();
      await run.abandon();
    }));
}

test("a sealed run that is removed while it is followed is read to its end", () =>
  inTemporaryFolder(async (directory) => {
    const run = await openRun({ directory });
    await run.append(draftOf(1));
    await run.close();
    const reader = await readRun({ directory });
    const iterator = reader.entries({ live: true })[Symbol.asyncIterator]();
    await iterator.next();
    await rm(path.join(directory, "default", run.runId), { recursive: true });
    assert.equal([(await iterator.next()).value?.seq, (await iterator.next()).value?.seq], [2, 3]);
    assert.is((await iterator.next()).done, true);
    await reader.close();
  }));

test.run();
