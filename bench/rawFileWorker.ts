import { closeSync, fdatasync, fdatasyncSync, openSync, writeSync, writevSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import type { RawFileRequest, RawFileWorkerData } from "./rawFileBackend.ts";

/*
 * The thread of a raw file: seals, writes, syncs, and answers with the milliseconds it took. While
 * the disk syncs it seals the next request, if it is there: as the writer process of tidemark does.
 */

const META_PAGE = new Uint8Array(4096).fill(1);

const { path, hasMetaPage = false } = workerData as RawFileWorkerData;
const file = openSync(path, "r+");
let head = GENESIS;
let end = hasMetaPage ? META_PAGE.length : 0;
const waiting: Exclude<RawFileRequest, "close">[] = [];
let isBusy = false;
/** How many frames of the next request are sealed. */
let sealedAhead = 0;
const syncAside = promisify(fdatasync);

parentPort?.on("message", (request: RawFileRequest) => {
  if (request === "close") {
    closeSync(file);
    parentPort?.close();
    return;
  }
  waiting.push(request);
  if (!isBusy) void serveAll();
});
reply(0);

async function serveAll(): Promise<void> {
  isBusy = true;
  for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
    const startedAt = performance.now();
    for (const frame of request.frames.slice(sealedAhead)) head = sealFrame(frame, head);
    sealedAhead = 0;
    end += writevSync(file, request.frames, end);
    if (waiting.length > 0) await syncWhileSealing();
    else fdatasyncSync(file);
    if (hasMetaPage) {
      writeSync(file, META_PAGE, 0, META_PAGE.length, 0);
      fdatasyncSync(file);
    }
    reply(performance.now() - startedAt);
    // What has come meanwhile is heard of.
    await setImmediate();
  }
  isBusy = false;
}

async function syncWhileSealing(): Promise<void> {
  const disk = { isSynced: false };
  const sync = syncAside(file).finally(() => {
    disk.isSynced = true;
  });
  const frames = waiting[0]?.frames ?? [];
  while (!disk.isSynced && sealedAhead < frames.length) {
    head = sealFrame(frames[sealedAhead] as Uint8Array, head);
    sealedAhead += 1;
    await setImmediate();
  }
  await sync;
}

function reply(commitMs: number): void {
  parentPort?.postMessage(commitMs, []);
}
