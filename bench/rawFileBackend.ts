import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Ack, Backend, Frame } from "../src/backends/Backend.ts";
import type { Seq } from "../src/model/entry.ts";
import type { RunManifest } from "../src/model/manifest.ts";

/** What the worker is started with. */
export interface RawFileWorkerData extends RawFileOptions {
  readonly path: string;
}

/** What a raw file is like, but for its place. */
export interface RawFileOptions {
  /** How much of the file is written with zeros beforehand; default 0: it grows. */
  readonly zeroedBytes?: number;
  /** Whether a page at its start is written and synced behind each append, as LMDB does. */
  readonly hasMetaPage?: boolean;
}

/** What the worker is asked for: frames to make durable, or nothing more. */
export type RawFileRequest = { readonly frames: readonly Uint8Array[] } | "close";

const MIB = 2 ** 20;

/**
 * The least that a durable log can be: frames one after the other in a plain file, one `fdatasync`
 * per transaction, in a thread of its own and with the same seals. It has no index, no epoch and no
 * way to be read: a floor to measure against, and no backend to keep anything in.
 */
export async function rawFileBackend(path: string, options: RawFileOptions = {}): Promise<Backend> {
  const { zeroedBytes = 0 } = options;
  const file = openSync(path, "wx");
  const zeros = new Uint8Array(MIB);
  for (let written = 0; written < zeroedBytes; written += MIB) writeSync(file, zeros);
  fsyncSync(file);
  closeSync(file);
  const worker = startRawFileWorker({ ...options, path });
  await new Promise<unknown>((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });
  return new RawFileBackend(worker);
}

class RawFileBackend implements Backend {
  readonly epoch = 1;
  readonly appendsAhead = true;
  readonly manifest: RunManifest = BENCH_MANIFEST;
  readonly #worker: Worker;
  /** In the order of the requests, which is that of the answers. */
  readonly #waiting: ((commitMs: number) => void)[] = [];
  watermark: Seq = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (commitMs: number) => this.#waiting.shift()?.(commitMs));
    // A benchmark whose floor has failed has nothing to say.
    worker.on("error", (failure) => {
      throw failure;
    });
  }

  async append(frames: readonly Frame[]): Promise<Ack> {
    const bytes = frames.map((frame) => frame.bytes);
    this.#worker.postMessage(
      { frames: bytes },
      bytes.map(({ buffer }) => buffer as ArrayBuffer),
    );
    const commitMs = await new Promise<number>((resolve) => this.#waiting.push(resolve));
    this.watermark = frames.at(-1)?.toSeq ?? this.watermark;
    return { toSeq: this.watermark, commitMs };
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.postMessage("close", []);
    await exited;
  }

  refresh = unsupported;
  framesFrom = unsupported;
  lookup = unsupported;
  indexKeys = unsupported;
  indexKinds = unsupported;
  latestSnapshotAnchor = unsupported;
  recordSnapshotAnchor = unsupported;
  seal = unsupported;
}

function unsupported(): Promise<never> {
  return Promise.reject(new Error("A raw file is for measuring appends alone"));
}

/** What every benchmark calls its run. */
export const BENCH_MANIFEST: RunManifest = {
  formatVersion: 1,
  runId: "run",
  instanceId: "bench",
  identity: {},
  startTsInit: 1n,
  highWatermark: 0,
  status: "running",
};

/** On Node 20 the entry of a thread is not passed through the loader of its parent. */
function startRawFileWorker(data: RawFileWorkerData): Worker {
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const entry = JSON.stringify(new URL("./rawFileWorker.ts", import.meta.url).href);
  const bootstrap = `import(${loader}).then(({ register }) => { register(); return import(${entry}); });`;
  return new Worker(bootstrap, { workerData: data, execArgv: [], eval: true });
}
