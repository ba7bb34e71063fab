import { closeSync, fdatasyncSync, openSync, writevSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { GENESIS, sealFrame } from "../src/format/sealFrame.ts";
import type { RawFileRequest, RawFileWorkerData } from "./rawFileBackend.ts";

/* The thread of a raw file: seals, writes, syncs once, and answers with the milliseconds it took. */

const file = openSync((workerData as RawFileWorkerData).path, "r+");
let head = GENESIS;
let end = 0;

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
  reply(performance.now() - startedAt);
});
reply(0);

function reply(commitMs: number): void {
  parentPort?.postMessage(commitMs, []);
}
