import { parentPort, workerData } from "node:worker_threads";
import { classifyError } from "./classifyError.ts";
import { failureOf } from "./failure.ts";
import { LogWriter } from "./LogWriter.ts";
import type { WriterReply, WriterRequest, WriterThreadData } from "./protocol.ts";

/*
 * The entry of the writer thread: it owns the write environment of one run, answers every request
 * once and in order, and ends by itself after the one that closes the environment.
 *
 * Fail-stop: after the first failure that is more than a refusal it answers nothing and never
 * touches the environment again. It stays, idle: LMDB closes the environment of a thread that ends,
 * and that can hang.
 */

const { folder, mode } = workerData as WriterThreadData;
let writer: LogWriter | undefined;
let hasFailed = false;
let work = attempt(open);
parentPort?.on("message", (request: WriterRequest) => {
  work = work.then(() => attempt(() => serve(request)));
});
// A request that cannot be read is refused like any other: whoever made it awaits an answer.
parentPort?.on("messageerror", (cause: Error) => {
  work = work.then(() => attempt(() => Promise.reject(cause)));
});

async function attempt(step: () => Promise<void>): Promise<void> {
  if (hasFailed) return;
  try {
    await step();
  } catch (error) {
    hasFailed = writer?.isUnharmed !== true;
    const failure = failureOf(classifyError(error, folder));
    reply({ type: hasFailed ? "failed" : "refused", failure });
  }
}

async function open(): Promise<void> {
  writer = await LogWriter.open(folder, mode);
  reply({ type: "opened", state: writer.state });
}

async function serve(request: WriterRequest): Promise<void> {
  if (writer === undefined) return;
  switch (request.type) {
    case "append": {
      const startedAt = performance.now();
      const toSeq = writer.append(request.frames.map((frame) => new Uint8Array(frame)));
      reply({ type: "committed", toSeq, commitMs: performance.now() - startedAt });
      return writer.extendFile();
    }
    case "anchor":
      writer.recordSnapshotAnchor(request.anchor);
      return reply({ type: "anchored" });
    case "seal":
      return end(await writer.seal());
    case "close":
      await writer.close();
      return end(writer.state);
  }
}

function end(state: LogWriter["state"]): void {
  reply({ type: "ended", state });
  parentPort?.close();
}

function reply(message: WriterReply): void {
  parentPort?.postMessage(message, []);
}
