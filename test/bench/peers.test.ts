import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adapters } from "../../bench/peers/adapters.ts";
import { askPeer } from "../../bench/peers/askPeer.ts";
import type { CommitsResult, Job } from "../../bench/peers/jobs.ts";
import { tidemarkPeer } from "../../bench/peers/nodePeers.ts";
import { runJob } from "../../bench/peers/runJob.ts";
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

async function commits(name: string, directory: string): Promise<void> {
  const result = await jobOf(name, { ...COMMITS, directory });
  const { medianUs, p99Us, entriesPerSecond } = result as unknown as CommitsResult;
  assert.ok(medianUs > 0 && medianUs <= p99Us && Number.isFinite(p99Us), `${name}: ${medianUs}`);
  assert.ok(entriesPerSecond > 0 && Number.isFinite(entriesPerSecond), name);
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

test("literalPipeline leaves frames with every entry", async () => {
  await inTemporaryFolder(async (directory) => {
    await commits("literalPipeline", directory);
    const database = open<Uint8Array, Uint8Array>({
      path: join(directory, "lmdb"),
      encoding: "binary",
      keyEncoding: "binary",
      readOnly: true,
    });
    const counts = Array.from(database.getRange(), ({ value }) => frameHeaderOf(value).entryCount);
    await database.close();
    assert.is(
      counts.reduce((sum, count) => sum + count, 0),
      ENTRIES,
    );
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
      tuned: false,
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
    const { kind, perSecond, entries, warmUp, tuned } = latencyJob(directory);
    const task = { kind, perSecond, entries, warmUp, tuned };
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
    tuned: false,
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
