import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { closedLoop } from "../closedLoop.ts";
import { commitBatch } from "../commitBatch.ts";
import { capturedBatch, PAYLOAD_BYTES } from "../drafts.ts";
import { LatencyHistogram } from "../LatencyHistogram.ts";
import { openLoop } from "../openLoop.ts";
import { withPipeline } from "../withPipeline.ts";
import type { Adapter, PeerPipeline } from "./Adapter.ts";
import { groupCommit } from "./groupCommit.ts";
import type {
  BytesJob,
  BytesResult,
  CommitsJob,
  CommitsResult,
  Job,
  LatencyJob,
  LatencyResult,
  ResultOf,
  SaturatedJob,
  SaturatedResult,
  Unsupported,
} from "./jobs.ts";
import type { Store } from "./Store.ts";

/** Does a job with a peer that runs in this process. */
export async function runJob(
  adapter: Adapter,
  job: Job,
): Promise<ResultOf[Job["kind"]] | Unsupported> {
  const unsupported = adapter.whyNot?.(job);
  if (unsupported !== undefined) return { unsupported };
  if (job.payloadBytes !== PAYLOAD_BYTES) {
    return { unsupported: `Payloads here have ${PAYLOAD_BYTES} bytes` };
  }
  if (job.kind === "commits") return commitsOf(await openOneByOne(adapter, job), job);
  if (job.kind === "bytes") return bytesOf(await openOneByOne(adapter, job), job);
  if (job.kind === "saturated") return saturatedOf(openPipeline(adapter, job), job);
  return latencyOf(await openPipeline(adapter, job), job);
}

/** Something that makes one batch durable after the other. */
interface OneByOne {
  /** @returns the milliseconds until it was durable. */
  commit(batch: number): Promise<number>;
  storedBytes?(): Promise<number>;
  close(): void | Promise<void>;
}

async function openOneByOne(adapter: Adapter, job: Job): Promise<OneByOne> {
  if ("openStore" in adapter) return storeOneByOne(await adapter.openStore(job));
  return pipelineOneByOne(await adapter.openPipeline(job));
}

function storeOneByOne(store: Store): OneByOne {
  let fromSeq = 1;
  return {
    async commit(batch) {
      const commit = store.prepare(capturedBatch(batch), fromSeq);
      const startedAt = performance.now();
      await commit();
      fromSeq += batch;
      return performance.now() - startedAt;
    },
    ...(store.storedBytes === undefined ? {} : { storedBytes: () => store.storedBytes!() }),
    close: () => store.close(),
  };
}

function pipelineOneByOne(pipeline: PeerPipeline): OneByOne {
  return {
    commit: (batch) => commitBatch(pipeline, batch),
    close: () => pipeline.close(),
  };
}

async function commitsOf(
  peer: OneByOne,
  { batch, commits, warmUp }: CommitsJob,
): Promise<CommitsResult> {
  const took = new LatencyHistogram();
  let totalMs = 0;
  for (let commit = -warmUp; commit < commits; commit++) {
    const ms = await peer.commit(batch);
    if (commit < 0) continue;
    took.record(ms, 1);
    totalMs += ms;
  }
  await peer.close();
  const { p50Us, p99Us } = took.percentiles();
  return {
    medianUs: p50Us,
    p99Us,
    entriesPerSecond: ((batch * commits) / totalMs) * 1e3,
  };
}

async function bytesOf(
  peer: OneByOne,
  { batch, entries, directory }: BytesJob,
): Promise<BytesResult> {
  const commits = Math.ceil(entries / batch);
  for (let commit = 0; commit < commits; commit++) await peer.commit(batch);
  const known = await peer.storedBytes?.();
  await peer.close();
  return { storedBytesPerEntry: (known ?? bytesIn(directory)) / (commits * batch) };
}

function bytesIn(directory: string): number {
  let bytes = 0;
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const found = statSync(join(directory, name));
    if (found.isFile()) bytes += found.size;
  }
  return bytes;
}

async function openPipeline(adapter: Adapter, job: Job): Promise<PeerPipeline> {
  if ("openPipeline" in adapter) return adapter.openPipeline(job);
  return groupCommit(await adapter.openStore(job));
}

async function saturatedOf(
  opening: Promise<PeerPipeline>,
  { outstanding, entries, warmUp }: SaturatedJob,
): Promise<SaturatedResult> {
  const load = { outstanding, entries, warmUpEntries: warmUp };
  const { entriesPerSecond } = await withPipeline(opening, (peer) => closedLoop(peer, load));
  return { entriesPerSecond };
}

async function latencyOf(
  pipeline: PeerPipeline,
  { perSecond, entries, warmUp }: LatencyJob,
): Promise<LatencyResult> {
  const msOf = (count: number): number => Math.round((count / perSecond) * 1000);
  const { heard, schedule } = await openLoop(pipeline, {
    perSecond,
    warmUpMs: msOf(warmUp),
    measureMs: msOf(entries),
    isExact: true,
  });
  await pipeline.close();
  const moments = pipeline.commitMoments?.();
  const returned = moments === undefined ? heard : schedule.histogramOf(moments);
  return { ...returned.percentiles(), heard: heard.percentiles() };
}
