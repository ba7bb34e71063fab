import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { open } from "lmdb";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adapters } from "../../bench/peers/adapters.ts";
import { askAll } from "../../bench/peers/askAll.ts";
import { askPeer } from "../../bench/peers/askPeer.ts";
import { doubtOf } from "../../bench/peers/contenders.ts";
import type { CommitsResult, Job } from "../../bench/peers/jobs.ts";
import { tidemarkPeer } from "../../bench/peers/nodePeers.ts";
import { runJob } from "../../bench/peers/runJob.ts";
import { ProgramFailure, runProgram } from "../../bench/runProgram.ts";
import { LogWriter } from "../../src/backends/lmdb/LogWriter.ts";
import { decodeFrame } from "../../src/format/decodeFrame.ts";
import { frameHeaderOf } from "../../src/format/frameHeader.ts";
import * as layout from "../../src/format/frameLayout.ts";
import { readRun } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";

const test = suite("bench/peers");

const COMMITS = { kind: "commits", batch: 3, commits: 4, warmUp: 1, payloadBytes: 256 } as const;
const ENTRIES = COMMITS.batch * (COMMITS.commits + COMMITS.warmUp);

/** Does a job in this process. */
async function jobOf(name: string, job: Job): Promise<Record<string, unknown>> {
  const load = adapters.get(name);
  assert.ok(load, name);
  return { ...(await runJob(await load(), job)) };
}

async function commits(name: string, directory: string, other: object = {}): Promise<void> {
  const result = await jobOf(name, { ...COMMITS, ...other, directory });
  const { medianUs, p99Us, entriesPerSecond } = result as unknown as CommitsResult;
  assert.ok(medianUs > 0 && medianUs <= p99Us && Number.isFinite(p99Us), `${name}: ${medianUs}`);
  assert.ok(entriesPerSecond > 0 && Number.isFinite(entriesPerSecond), name);
}

/** Not where it is a zombie that nobody has asked for. */
function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !readFileSync(path, "utf8").includes(") Z ");
}

/** The frames of a raw file, up to the zeros behind them. */
function framesIn(bytes: Uint8Array): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += frames.at(-1)?.length ?? 0) {
    const length = view.getUint32(at + layout.AT_FRAME_BYTES, true);
    if (length === 0) break;
    frames.push(bytes.subarray(at, at + length));
  }
  return frames;
}

for (const name of ["rawGrowing", "rawZeroed"]) {
  test(`${name} leaves sealed frames with every entry`, async () => {
    await inTemporaryFolder(async (directory) => {
      await commits(name, directory);
      const frames = framesIn(readFileSync(join(directory, "log")));
      assert.is(frames.length, COMMITS.commits + COMMITS.warmUp);
      const seqs = frames.flatMap((frame) =>
        Array.from(decodeFrame(frame).entries(), (e) => e.seq),
      );
      assert.equal(
        seqs,
        Array.from({ length: ENTRIES }, (_, index) => index + 1),
      );
    });
  });
}

test("lmdbRecords leaves a record per entry", async () => {
  await inTemporaryFolder(async (directory) => {
    await commits("lmdbRecords", directory);
    const database = open<{ readonly payload: Uint8Array }, number>({
      path: join(directory, "lmdb"),
      readOnly: true,
    });
    assert.is(database.getCount(), ENTRIES);
    assert.is(database.get(ENTRIES)?.payload.length, COMMITS.payloadBytes);
    await database.close();
  });
});

test("literalPipeline leaves a frame per commit, however large, and is not asked for small ones", async () => {
  await inTemporaryFolder(async (directory) => {
    await commits("literalPipeline", directory, { batch: 150 });
    const database = open<Uint8Array, Uint8Array>({
      path: join(directory, "lmdb"),
      encoding: "binary",
      keyEncoding: "binary",
      readOnly: true,
    });
    const counts = Array.from(database.getRange(), ({ value }) => frameHeaderOf(value).entryCount);
    await database.close();
    assert.equal(counts, [150, 150, 150, 150, 150]);
    const small = await jobOf("literalPipeline", { ...COMMITS, batch: 99, directory });
    assert.equal(small, { unsupported: "its window of 5 ms is all that one would see" });
  });
});

test("tidemark leaves a sealed run with every entry", async () => {
  await inTemporaryFolder(async (directory) => {
    await commits("tidemark", directory);
    const run = await readRun({ directory, instanceId: "bench" });
    // It begins and ends with one of its own.
    assert.is(run.manifest.highWatermark, ENTRIES + 2);
    assert.is(run.manifest.status, "ended");
    await run.close();
  });
});

test("tidemark's writer alone leaves a log with every entry", async () => {
  await inTemporaryFolder(async (directory) => {
    await commits("tidemarkWriter", directory);
    const log = await LogWriter.open({ folder: directory, mode: "recover", runId: "run" });
    assert.is(log.state.watermark, ENTRIES);
    await log.close();
  });
});

test("a store without a pipeline of its own is driven saturated, at a rate, and for its bytes", async () => {
  await inTemporaryFolder(async (root) => {
    const folder = (name: string): string => {
      const path = join(root, name);
      mkdirSync(path);
      return path;
    };
    const payloadBytes = 256;
    const saturated = await jobOf("lmdbRecords", {
      kind: "saturated",
      directory: folder("saturated"),
      outstanding: 50,
      entries: 200,
      warmUp: 50,
      payloadBytes,
    });
    assert.ok(Number(saturated["entriesPerSecond"]) > 0);
    const latency = await jobOf("lmdbRecords", latencyJob(folder("latency")));
    assert.ok(Number(latency["p50Us"]) > 0);
    assert.equal(latency["heard"], withoutHeard(latency));
    const stored = await jobOf("lmdbRecords", bytesJob(folder("bytes")));
    assert.ok(Number(stored["storedBytesPerEntry"]) > payloadBytes);
  });
});

test("a program answers one job: ours knows when its commits returned and when that was heard", async () => {
  await inTemporaryFolder(async (root) => {
    const directory = join(root, "job");
    mkdirSync(directory);
    const prepared = await tidemarkPeer.prepare();
    assert.ok("command" in prepared);
    const { kind, perSecond, entries, warmUp } = latencyJob(directory);
    const task = { kind, perSecond, entries, warmUp };
    const answer = await askPeer<"latency">(prepared.command, task, {
      directory,
      payloadBytes: 256,
    });
    assert.ok("p50Us" in answer && answer.heard !== undefined, JSON.stringify(answer));
    assert.ok(answer.p50Us > 0 && answer.p50Us <= answer.heard.p50Us);
    assert.ok(answer.maxUs < answer.heard.maxUs);
  });
});

test("a program that fails is an answer too", async () => {
  await inTemporaryFolder(async (root) => {
    const directory = join(root, "job");
    mkdirSync(directory);
    const command = [
      process.execPath,
      "-e",
      "console.error('Error: no such thing'); process.exit(3)",
    ];
    const answer = await askPeer<"bytes">(
      command,
      { kind: "bytes", batch: 1, entries: 1 },
      { directory, payloadBytes: 256 },
    );
    assert.equal(answer, { failed: "Error: no such thing" });
  });
});

test("a program that exceeds its limit is killed with its whole group where it does not end", async () => {
  await inTemporaryFolder(async (folder) => {
    const pidFile = join(folder, "pid");
    // Both ignore that they are told to end.
    const script = `trap "" TERM; sleep 1000 & echo $! > ${pidFile}; wait`;
    const limits = { limitMs: 500, graceMs: 1 };
    const ending = runProgram(["sh", "-c", script], { ...limits, stderr: "pipe" });
    const failure = await ending.catch((error: unknown) => error);
    assert.instance(failure, ProgramFailure);
    assert.is((failure as ProgramFailure).message, "sh took longer than 0.5 s");
    const pid = Number(readFileSync(pidFile, "utf8"));
    while (isRunning(pid)) await turn();
  });
});

test("a failure of ours stops the whole comparison, one of theirs is a note", async () => {
  await inTemporaryFolder(async (root) => {
    let folders = 0;
    const folder = (): string => {
      folders += 1;
      const path = join(root, String(folders));
      mkdirSync(path);
      return path;
    };
    const context = { rounds: 1, folder };
    const command = [process.execPath, "-e", "console.error('Error: none'); process.exit(3)"];
    const task = { kind: "bytes", batch: 1, entries: 1 } as const;
    const broken = {
      id: "redb",
      name: "redb",
      command,
      isOurs: false,
      isComparable: true,
    } as const;
    const answers = await askAll<"bytes">([broken], task, context);
    assert.equal(answers, { results: [], notes: ["redb, bytes: FAILED: Error: none"] });
    const ours = { ...broken, id: "tidemark", name: "tidemark", isOurs: true } as const;
    const failure = await askAll<"bytes">([ours], task, context).catch((error: unknown) => error);
    assert.is((failure as Error).message, "tidemark, bytes: Error: none");
  });
});

test("who syncs less than once per commit, or cannot be counted, is in doubt", () => {
  assert.is(doubtOf(0.99), undefined);
  assert.is(doubtOf(2.01), undefined);
  assert.is(doubtOf(0.98), "a commit has only 0.98 syncs");
  assert.is(doubtOf("it has no commits"), "it has no commits");
});

test("payloads of another size are refused, and kinds that a peer cannot do", async () => {
  const answer = await jobOf("rawGrowing", { ...COMMITS, directory: "/", payloadBytes: 1 });
  assert.equal(answer, { unsupported: "Payloads here have 256 bytes" });
  const latency = await jobOf("rawGrowing", latencyJob("/"));
  assert.equal(latency, { unsupported: "only the limit of single commits" });
});

function latencyJob(directory: string): Extract<Job, { readonly kind: "latency" }> {
  return {
    kind: "latency",
    directory,
    perSecond: 1_000,
    entries: 50,
    warmUp: 10,
    payloadBytes: 256,
  };
}

function bytesJob(directory: string): Job {
  return { kind: "bytes", directory, batch: 10, entries: 40, payloadBytes: 256 };
}

function withoutHeard(result: Record<string, unknown>): Record<string, unknown> {
  const { heard: _, ...rest } = result;
  return rest;
}

test.run();
