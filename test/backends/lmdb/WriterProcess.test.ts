import { spawnSync, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeReply } from "../../../src/backends/lmdb/replies.ts";
import { startWriterProcess } from "../../../src/backends/lmdb/startWriterProcess.ts";
import { WriterProcess } from "../../../src/backends/lmdb/WriterProcess.ts";
import { BackendError, type TidemarkError } from "../../../src/model/errors.ts";
import { rejects } from "./rejection.ts";
import { processThat, type Scripted } from "./scriptedWriter.ts";
import { eventually, isAlive } from "../../support/processes.ts";
import { SOURCE_FLAGS } from "../../support/nodeFlags.ts";

const test = suite("WriterProcess");

const FRAME = new Uint8Array(8);
const COMMITTED = { type: "committed", toSeq: 1, commitMs: 0, txnid: 1 } as const;
const FULL = {
  type: "failed",
  failure: { kind: "disk", message: "full", errno: 28 },
} as const;
const REFUSED = { type: "refused", failure: { kind: "out-of-order", seq: 5, highWatermark: 1 } };

function append(process: WriterProcess): Promise<unknown> {
  return process.request({ type: "append", frames: [FRAME] });
}

test("is started with settings for its memory, which its parent may override", async () => {
  for (const [own, expected] of [
    [undefined, String(8 * 2 ** 20)],
    ["1000000", "1000000"],
  ] as const) {
    if (own !== undefined) process.env["MALLOC_MMAP_THRESHOLD_"] = own;
    const child = startWriterProcess();
    delete process.env["MALLOC_MMAP_THRESHOLD_"];
    const said = readFileSync(`/proc/${child.pid}/environ`, "utf8").split("\0");
    child.kill("SIGKILL");
    await once(child, "close");
    assert.ok(said.includes(`MALLOC_MMAP_THRESHOLD_=${expected}`), said.join(" "));
  }
});

/** Every promise is rejected with the one failure, and so is what is asked for later. */
async function fails(
  { process, pid, failures }: Scripted,
  fields: Readonly<Record<string, unknown>>,
): Promise<TidemarkError> {
  const [first, second] = [append(process), append(process)];
  const failure = await rejects(first, fields);
  assert.is(await rejects(second, {}), failure);
  assert.is(await rejects(append(process), {}), failure);
  assert.equal(failures, [failure]);
  assert.is(process.failure, failure);
  assert.ok(await process.gone());
  assert.not(isAlive(pid));
  return failure;
}

for (const [how, does, told] of [
  ["exits", "process.exit(3)", "exit code 3"],
  ["is ended by a signal", "process.kill(process.pid, 'SIGSEGV')", "SIGSEGV"],
  ["throws", "throw new Error('boom')", "boom"],
  ["stops answering", "fs.closeSync(3); setInterval(() => {}, 1e6); break", ""],
  ["answers with garbage", "print('corrupted size vs. prev_size\\n')", "cannot be understood"],
  ["answers without an end", "print('x'.repeat(70_000))", "cannot be understood"],
  ["answers something else", "reply({ type: 'anchored', txnid: 1 })", "nobody has asked"],
] as const) {
  test(`a process that ${how} while an answer is awaited gives a typed error, once`, async () => {
    const failure = await fails(processThat(does), { code: "TIDEMARK_BACKEND" });
    assert.match(failure.message, told);
  });
}

test("a process that reads no more is a failure as soon as it is asked for something", async () => {
  const stops = `fs.closeSync(0); reply(${JSON.stringify(COMMITTED)})`;
  const scripted = processThat(`${stops}; setInterval(() => {}, 1e6); break`);
  await append(scripted.process);
  await fails(scripted, { code: "TIDEMARK_BACKEND" });
});

test("an answer that nobody has asked for is a failure", async () => {
  const does = `reply(${JSON.stringify(COMMITTED)}); reply(${JSON.stringify(COMMITTED)})`;
  const { process, failures } = processThat(does);
  await append(process);
  await eventually(() => failures.length > 0, "the process has not failed");
  assert.is(failures[0]?.code, "TIDEMARK_BACKEND");
});

test("what a process says before it kills itself is why it has failed", async () => {
  const does = `reply(${JSON.stringify(FULL)}); process.kill(process.pid, "SIGKILL")`;
  for (let turn = 0; turn < 5; turn += 1) {
    await fails(processThat(does), { code: "TIDEMARK_DISK", errno: 28 });
  }
});

test("a failure right behind an answer is heard after it, and of what is asked then", async () => {
  const both = Buffer.concat([encodeReply(COMMITTED), encodeReply(FULL)]);
  const { process, failures } = processThat(
    `fs.writeSync(3, Buffer.from("${both.toString("hex")}", "hex"))`,
  );
  await append(process);
  assert.is(process.failure, undefined);
  await rejects(append(process), { code: "TIDEMARK_DISK", errno: 28 });
  assert.is(failures.length, 1);
  assert.ok(await process.gone());
});

test("a refusal is the answer to one request, and the next is answered", async () => {
  const { process, failures } = processThat(
    `reply(type === "append" ? ${JSON.stringify(REFUSED)} : { type: "anchored", txnid: 1 })`,
  );
  await rejects(append(process), { code: "TIDEMARK_OUT_OF_ORDER", seq: 5, highWatermark: 1 });
  const anchor = { highWatermark: 0, blobRef: "b", contentHash: "c" };
  assert.equal(await process.request({ type: "anchor", anchor }), { type: "anchored", txnid: 1 });
  assert.equal(failures, []);
  assert.ok(await process.gone());
});

test("frames that are too many for one request are refused, and nothing is awaited", async () => {
  const { process, failures } = processThat(`reply(${JSON.stringify(COMMITTED)})`);
  const frames = Array.from({ length: 600_000 }, () => FRAME);
  await rejects(process.request({ type: "append", frames }), { code: "TIDEMARK_BACKEND" });
  assert.equal(await append(process), COMMITTED);
  assert.equal(failures, []);
  assert.ok(await process.gone());
});

test("an answer that takes too long is a failure where there is a limit", async () => {
  const scripted = processThat("");
  const closing = scripted.process.request({ type: "close" }, { withinMs: 20 });
  await rejects(closing, { code: "TIDEMARK_BACKEND" });
  assert.ok(await scripted.process.gone());
  assert.is(scripted.failures.length, 1);
});

test("one that is given up answers nothing any more, and is killed", async () => {
  const { process, pid, failures } = processThat("");
  const waiting = append(process);
  const failure = new BackendError("given up");
  process.fail(failure);
  assert.is(await rejects(waiting, {}), failure);
  process.fail(new BackendError("again"));
  assert.equal(failures, [failure]);
  assert.ok(await process.gone());
  assert.not(isAlive(pid));
});

test("one that has ended goes by itself, and one that does not is killed", async () => {
  const ended = `reply({ type: "ended", state: { epoch: 1, watermark: 0 } })`;
  for (const does of [`${ended}; process.exit()`, `${ended}; setInterval(() => {}, 1e6); break`]) {
    const { process, pid, failures } = processThat(does);
    await process.request({ type: "close" });
    assert.ok(await process.gone());
    assert.not(isAlive(pid));
    assert.equal(failures, []);
  }
});

test("one that cannot be started says why", async () => {
  const { execPath } = process;
  process.execPath = "/nonexistent/node";
  try {
    const writer = new WriterProcess(startWriterProcess());
    const opening = writer.request({ type: "open", folder: "/", mode: "create", runId: "1-0" });
    const failure = await rejects(opening, { code: "TIDEMARK_BACKEND", errno: 2 });
    assert.is(await rejects(append(writer), {}), failure);
    assert.ok(await writer.gone());
  } finally {
    process.execPath = execPath;
  }
});

test("a request that nothing depends on does not keep the process alive", () => {
  const program = path.resolve("test/backends/lmdb/programs/askIdly.ts");
  const { status, stdout } = spawnSync(process.execPath, [...SOURCE_FLAGS, program], {
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.is(status, 0);
  assert.is(stdout, "asked\n");
});

if (process.platform !== "win32") {
  test("one for which no file can be opened any more says so", async () => {
    const program = path.resolve("test/backends/lmdb/programs/startWithoutFiles.ts");
    const { stdout } = spawnSync(
      "bash",
      ["-c", 'ulimit -n 200; exec "$0" "$@"', process.execPath, ...SOURCE_FLAGS, program],
      { encoding: "utf8", timeout: 20_000 },
    );
    assert.is(stdout, "TIDEMARK_BACKEND 24\n");
  });
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

test("one whose exit is heard of before its last reply has ended well", async () => {
  const [stdin, stderr, replies] = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const pipe of [stdin, stderr, replies]) {
    Object.assign(pipe, { ref: () => pipe, unref: () => pipe });
  }
  const child = Object.assign(new EventEmitter(), {
    pid: process.pid,
    stdin,
    stderr,
    stdio: [stdin, null, stderr, replies],
    kill: () => true,
    unref: () => {},
  });
  const writer = new WriterProcess(child as unknown as ChildProcess);
  const ended = writer.request({ type: "close" });
  child.emit("exit", 0, null);
  const waiting = timers();
  replies.write(`${JSON.stringify({ type: "ended", state: { epoch: 1, watermark: 0 } })}\n`);
  await ended;
  child.emit("close", 0, null);
  // What would declare it dead a second later is gone, and so is what kept the process waiting.
  assert.is(timers(), waiting - 1);
  assert.is(writer.failure, undefined);
});

test.run();
