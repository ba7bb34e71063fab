import { EventEmitter } from "node:events";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_PAYLOAD_BYTES } from "../../src/model/options.ts";
import { DEFAULT_WRITER_OPTIONS } from "../../src/model/options.ts";
import { contextOf } from "../../src/cli/CommandContext.ts";
import { runCommand } from "../../src/cli/program.ts";
import { listRuns, openRun, type Entry, type InvalidConfigError } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { until } from "./support/hosted.ts";
import { entriesOf, FILL, hasControls, ORDER, payloadsIn, recorded } from "./support/runs.ts";
import { run, stdinOf, valuesOf, type Surroundings } from "./support/testContext.ts";

const test = suite("record");
const MANY_CHUNKS = 2_000;
/** Longer than a commit takes: what has not moved for so long stands still. */
const STANDSTILL_MS = 400;

/** A line, and then a failure to read on. */
async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.from(`${JSON.stringify(ORDER)}\n`);
  throw Object.assign(new Error("gone"), { code: "EIO" });
}

function draftOf({ tsPublish: _tsPublish, hash: _hash, ...draft }: Entry): unknown {
  return draft;
}

test("record makes an entry of each line, with all that it says", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL);
    const [, order, fill] = await entriesOf(directory);
    assert.ok(order !== undefined);
    assert.is(order.topic, ORDER.topic);
    assert.is(order.payloadType, ORDER.payloadType);
    assert.is(Buffer.from(order.payload).toString(), ORDER.payload);
    assert.is(order.tsInit, 1_715_126_400_000_000_001n);
    assert.equal(order.headers, ORDER.headers);
    assert.equal(order.indexKeys, ORDER.indexKeys);
    assert.equal(Buffer.from(fill?.payload ?? []), Buffer.from("/+8=", "base64"));
  }));

test("record seals an empty run for an empty input", () =>
  inTemporaryFolder(async (directory) => {
    const { exitCode, stderr } = await run(["record", directory]);
    assert.is(exitCode, 0);
    assert.match(stderr, /0 lines accepted, watermark 2/);
    const [summary] = await listRuns({ directory });
    assert.is(summary?.manifest.status, "ended");
  }));

test("record tells bad lines by their number, records the others, and exits with 2", () =>
  inTemporaryFolder(async (directory) => {
    const lines = ["\uFEFF", "", ORDER, "{\u001B]0;x", FILL, { ...ORDER, topic: "" }];
    const { exitCode, stdout, stderr } = await run(["record", directory, "--ack"], {
      stdin: stdinOf(...lines),
    });
    assert.is(exitCode, 2);
    assert.equal(valuesOf(stdout), [
      { line: 3, seq: 2 },
      { line: 5, seq: 3 },
    ]);
    assert.match(stderr, /^tidemark: line 4: .*\ntidemark: line 6: .*topic/);
    assert.not.ok(hasControls(stderr));
    assert.is((await payloadsIn(directory)).length, 2);
    const skipping = await run(["record", directory, "--skip-bad"], { stdin: stdinOf("x") });
    assert.is(skipping.exitCode, 0);
    assert.match(skipping.stderr, /line 1/);
  }));

test("record keeps the bytes of each line where topic and type are given", () =>
  inTemporaryFolder(async (directory) => {
    const around: Surroundings = {
      stdin: Readable.from([Buffer.from("ï»¿{ 1\r\n\xFF\x00\r\r\n\nend", "latin1")]),
    };
    const { exitCode } = await run(["record", directory, "--topic", "t", "--type", "p"], around);
    assert.is(exitCode, 0);
    assert.equal(await payloadsIn(directory), ["{ 1", "\u00FF\u0000\r", "end"]);
  }));

test("record refuses a topic without a type before it opens anything", () =>
  inTemporaryFolder(async (folder) => {
    const directory = join(folder, "runs");
    const { exitCode, stderr } = await run(["record", directory, "--topic", "t"]);
    assert.is(exitCode, 2);
    assert.match(stderr, /^tidemark: .*\(TIDEMARK_INVALID_CONFIG\)\n$/);
    assert.equal(await listRuns({ directory }), []);
  }));

test("record exits with 2 where another writer holds the instance", () =>
  inTemporaryFolder(async (directory) => {
    const holder = await openRun({ directory });
    const { exitCode, stderr } = await run(["record", directory], { stdin: stdinOf(ORDER) });
    assert.is(exitCode, 2);
    assert.match(stderr, /TIDEMARK_LOCKED/);
    await holder.close();
  }));

test("record leaves a run unsealed whose input broke off", () =>
  inTemporaryFolder(async (directory) => {
    const stdin = Readable.from(broken());
    const { exitCode, stderr } = await run(["record", directory], { stdin });
    assert.is(exitCode, 2);
    assert.match(stderr, /tidemark: gone \(EIO\)/);
    const [summary] = await listRuns({ directory });
    assert.is(summary?.manifest.status, "running");
    assert.equal(await payloadsIn(directory), [ORDER.payload]);
  }));

test("record tells which predecessor it sealed", () =>
  inTemporaryFolder(async (directory) => {
    const crashed = await openRun({ directory });
    await crashed.abandon();
    const { exitCode, stderr } = await run(["record", directory], { stdin: stdinOf(ORDER) });
    assert.is(exitCode, 0);
    assert.match(stderr, new RegExp(`${crashed.runId} .* crashed-recovered at 1`));
  }));

test("record makes the same entries of what tail --json prints", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL);
    const { stdout } = await run(["tail", "--directory", directory, "--json", "--topic", "exec.*"]);
    const before = await entriesOf(directory);
    await recorded(directory, ...valuesOf<object>(stdout));
    const after = await entriesOf(directory);
    assert.is(after.length, 4);
    assert.equal(after.slice(1, -1).map(draftOf), before.slice(1, -1).map(draftOf));
  }));

test("record takes every payload that any run can hold", () =>
  inTemporaryFolder(async (directory) => {
    const large = await openRun({ directory, writer: { maxPayloadBytes: MAX_PAYLOAD_BYTES } });
    const payload = Buffer.alloc(DEFAULT_WRITER_OPTIONS.maxPayloadBytes + 1, 0xff);
    await large.append({ topic: "t", payloadType: "T", payload });
    await large.close();
    const exported = await run(["export", "--directory", directory]);
    await recorded(directory, exported.stdout.trimEnd());
    assert.is((await payloadsIn(directory))[0]?.length, payload.byteLength);
  }));

test("no run can hold a larger payload than record takes", async () => {
  const writer = { maxPayloadBytes: MAX_PAYLOAD_BYTES + 1 };
  const refusal = await openRun({ directory: "/nonexistent-tidemark", writer }).catch(
    (error: InvalidConfigError) => error.option,
  );
  assert.is(refusal, "maxPayloadBytes");
});

test("record reads no further while nobody takes the acknowledgements", () =>
  inTemporaryFolder(async (directory) => {
    const signals = new EventEmitter();
    let pulled = 0;
    const stdin = Readable.from(
      (function* endless() {
        for (; pulled < MANY_CHUNKS; pulled += 1) yield Buffer.from("x\n".repeat(1_000));
      })(),
    );
    const untaken: (() => void)[] = [];
    const stdout = new Writable({ write: (_chunk, _encoding, taken) => untaken.push(taken) });
    const stderr = new PassThrough().resume();
    const context = contextOf(Object.assign(signals, { stdin, stdout, stderr, env: {} }));
    const args = ["record", directory, "--ack", "--topic", "t", "--type", "p"];
    const ended = runCommand(args, context);
    let [before, sinceMs] = [0, 0];
    await until(() => {
      if (pulled !== before) [before, sinceMs] = [pulled, performance.now()];
      return untaken.length > 0 && performance.now() - sinceMs > STANDSTILL_MS;
    });
    assert.ok(pulled < MANY_CHUNKS);
    // Nor does it keep a signal from being heard: the run is closed before anybody takes anything.
    signals.emit("SIGINT");
    assert.ok(signals.listenerCount("SIGINT") > 0, "a second signal would end the process");
    await until(async () => (await listRuns({ directory }))[0]?.manifest.status === "ended");
    await until(() => signals.listenerCount("SIGINT") === 0);
    stdout.destroy();
    assert.is(await ended, 0);
  }));

test.run();
