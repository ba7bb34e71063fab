import { closeSync, fdatasyncSync, openSync, writeSync, writevSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import type { RawFileRequest, RawFileWorkerData } from "./rawFileBackend.ts";

/* The thread of a raw file: seals, writes, syncs, and answers with the milliseconds it took. */

const META_PAGE = new Uint8Array(4096).fill(1);

const { path, hasMetaPage = false } = workerData as RawFileWorkerData;
const file = openSync(path, "r+");
let head = GENESIS;
let end = hasMetaPage ? META_PAGE.length : 0;

parentPort?.on("message", (request: RawFileRequest) => {
  if (request === "close") {
    closeSync(file);
    parentPort?.close();
    return;
  }
  const startedAt = performance.now();
  for (const frame of request.frames) head = sealFrame(frame, head);
  end += writevSync(file, request.frames, end);
  fdatasyncSync(file);
  if (hasMetaPage) {
    writeSync(file, META_PAGE, 0, META_PAGE.length, 0);
    fdatasyncSync(file);
  }
  reply(performance.now() - startedAt);
});
reply(0);

function reply(commitMs: number): void {
  parentPort?.postMessage(commitMs, []);
}
