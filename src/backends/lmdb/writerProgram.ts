import { writeSync } from "node:fs";
import type { NextAppend } from "./AheadSealer.ts";
import { classifyError } from "./classifyError.ts";
import { checkFoundFile, type CheckedFile } from "./checkFoundFile.ts";
import { failureOf } from "./failure.ts";
import { LogWriter } from "./LogWriter.ts";
import { MEMORY_FILE, REPLY_PIPE, type WriterReply } from "./protocol.ts";
import { encodeReply } from "./replies.ts";
import { type ReceivedRequest, RequestReader } from "./requests.ts";

/*
 * The entry of the writer process: it owns the environment of one run and answers every request
 * once and in order. It reads as it writes, blocking: there is nothing else for it to do, and the
 * event loop would cost a wake-up per commit. Only while a commit is synced that came through memory, and
 * the next one is there already, there is.
 *
 * It ends by itself after the request that closes the environment. Otherwise, when its parent is
 * gone or after the first failure that is more than a refusal, it kills itself: to close an
 * environment that has failed can hang, and whatever was acknowledged is on the disk.
 */

const STDIN = 0;
/** Whoever sends them means the parent, which tells us by closing the pipe. */
const IGNORED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const requests = new RequestReader(STDIN, MEMORY_FILE);
const NEXT: NextAppend = {
  isThere: () => requests.isNextThere,
  frames: () => {
    const next = requests.early();
    return next?.type === "append" ? next.frames : undefined;
  },
};
let writer: LogWriter | undefined;
let checked: CheckedFile | undefined;
let folder = "/";

for (const signal of IGNORED_SIGNALS) process.on(signal, () => {});
process.on("uncaughtException", fail);
try {
  await serveAll();
} catch (error) {
  fail(error);
}

async function serveAll(): Promise<void> {
  for (let request = requests.next(); request !== undefined; request = requests.next()) {
    try {
      await serve(request);
    } catch (error) {
      if (writer?.isUnharmed !== true) throw error;
      reply({ type: "refused", failure: failureOf(classifyError(error, folder)) });
    }
  }
  die();
}

async function serve(request: ReceivedRequest): Promise<void> {
  if (request.type === "check") {
    ({ folder } = request);
    checked = checkFoundFile(folder);
    return reply({ type: "checked" });
  }
  if (request.type === "open") {
    ({ folder } = request);
    writer = await LogWriter.open(request, checked);
    return reply({ type: "opened", state: writer.state, txnid: writer.txnid });
  }
  if (writer === undefined) throw new Error("The log is not open yet");
  switch (request.type) {
    case "append": {
      const startedAt = performance.now();
      const toSeq = request.isCarried
        ? await writer.appendBefore(NEXT, request.frames)
        : writer.append(request.frames);
      const commitMs = performance.now() - startedAt;
      reply({ type: "committed", toSeq, commitMs, txnid: writer.txnid });
      return writer.prepareNext();
    }
    case "anchor":
      writer.recordSnapshotAnchor(request.anchor);
      return reply({ type: "anchored", txnid: writer.txnid });
    case "checkpoint":
      writer.checkpoint();
      return reply({ type: "checkpointed" });
    case "seal":
      return end(await writer.seal());
    case "close":
      await writer.close();
      return end(writer.state);
  }
}

function end(state: LogWriter["state"]): never {
  reply({ type: "ended", state });
  // The environment is closed: no transaction can be cut off.
  process.exit();
}

function fail(error: unknown): void {
  try {
    reply({ type: "failed", failure: failureOf(classifyError(error, folder)) });
  } finally {
    die();
  }
}

function reply(message: WriterReply): void {
  const bytes = encodeReply(message);
  let written = 0;
  while (written < bytes.byteLength) written += writeSync(REPLY_PIPE, bytes, written);
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
