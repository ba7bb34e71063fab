import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listRuns, openRun } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { commandOf, restOf, start, type Child } from "./support/child.ts";
import { payloadsIn } from "./support/runs.ts";

const test = suite("the command as a process");
const MIB = 1024 * 1024;

type Ack = { readonly line: number; readonly seq: number };

function lineOf(payload: string): string {
  return `${JSON.stringify({ topic: "t", payloadType: "p", payload })}\n`;
}

async function nextAck({ lines }: Child): Promise<Ack> {
  const { value, done } = await lines.next();
  assert.not.ok(done);
  return JSON.parse(value as string) as Ack;
}

test("record acknowledges in order what is durable, and closes at the end of the input", () =>
  inTemporaryFolder(async (directory) => {
    const child = start("record", directory, "--ack");
    const payloads = Array.from({ length: 25_000 }, (_, n) => `payload ${n}`);
    child.process.stdin.end(`\uFEFF${payloads.map(lineOf).join("").replaceAll("\n", "\r\n")}`);
    const acks = (await restOf(child.lines)).map((line) => JSON.parse(line) as Ack);
    assert.is((await child.ended).exit, 0);
    assert.is(acks.length, payloads.length);
    assert.ok(acks.every(({ line, seq }, n) => line === n + 1 && seq === n + 2));
    assert.equal(await payloadsIn(directory), payloads);
  }));

test("record refuses a payload of 65 MiB and a line of 87 MiB by their numbers", () =>
  inTemporaryFolder(async (directory) => {
    const child = start("record", directory);
    child.process.stdin.write(lineOf("a".repeat(65 * MIB)));
    child.process.stdin.write(lineOf("b".repeat(87 * MIB)));
    child.process.stdin.end(lineOf("kept"));
    const { exit, stderr } = await child.ended;
    assert.is(exit, 2);
    assert.match(stderr, /^tidemark: line 1: .*payload.*\ntidemark: line 2: .*longer than/);
    assert.equal(await payloadsIn(directory), ["kept"]);
  }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`record closes the run at ${signal}, without the line that was not complete`, () =>
    inTemporaryFolder(async (directory) => {
      const child = start("record", directory, "--ack");
      child.process.stdin.write(`${lineOf("first")}{"topic":"cut`);
      assert.equal(await nextAck(child), { line: 1, seq: 2 });
      child.process.kill(signal);
      child.process.kill("SIGINT");
      const { exit, stderr } = await child.ended;
      assert.is(exit, 0, stderr);
      assert.equal(await payloadsIn(directory), ["first"]);
      const [summary] = await listRuns({ directory });
      assert.is(summary?.manifest.status, "ended");
    }));
}

test("record goes on when nobody reads the acknowledgements any more", () =>
  inTemporaryFolder(async (directory) => {
    const child = start("record", directory, "--ack");
    child.process.stdin.write(lineOf("first"));
    await nextAck(child);
    child.process.stdout.destroy();
    const payloads = Array.from({ length: 5_000 }, (_, n) => `payload ${n}`);
    child.process.stdin.end(payloads.map(lineOf).join(""));
    const { exit, stderr } = await child.ended;
    assert.is(exit, 0, stderr);
    assert.equal(await payloadsIn(directory), ["first", ...payloads]);
  }));

test("record tells a halt as one line of JSON and exits with 1", () =>
  inTemporaryFolder(async (directory) => {
    const child = start("record", directory, "--ack");
    child.process.stdin.write(lineOf("first"));
    await nextAck(child);
    const [summary] = await listRuns({ directory });
    await rm(join(directory, "default", summary?.manifest.runId ?? "", "data.mdb"));
    // The input stays open: a halt does not wait for its end.
    child.process.stdin.write(lineOf("lost"));
    const { exit, stderr } = await child.ended;
    assert.is(exit, 1);
    const reason = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as object;
    assert.equal(
      { ...reason, message: "", cause: "" },
      {
        kind: "backend-corrupted",
        message: "",
        cause: "",
        lastDurableSeq: 2,
        lostEntries: 1,
      },
    );
  }));

test("record exits with 2 where another process holds the instance", () =>
  inTemporaryFolder(async (directory) => {
    const holder = await openRun({ directory });
    const child = start("record", directory);
    const { exit, stderr } = await child.ended;
    assert.is(exit, 2);
    assert.match(stderr, /^tidemark: .*\(TIDEMARK_LOCKED\)\n$/);
    await holder.close();
  }));

test("tail ends quietly when nobody reads on", () =>
  inTemporaryFolder(async (directory) => {
    const run = await openRun({ directory });
    for (let n = 0; n < 5_000; n += 1)
      assert.ok(run.offer({ topic: "t", payloadType: "p", payload: "x".repeat(200) }));
    await run.close();
    for (const options of [[], ["--json"]]) {
      const child = start("tail", "--directory", directory, ...options);
      const { value } = await child.lines.next();
      assert.match(value as string, /RunStarted/);
      child.process.stdout.destroy();
      assert.equal(await child.ended, { exit: 0, stderr: "" });
    }
  }));

test("tail reads a run while another process writes it", () =>
  inTemporaryFolder(async (directory) => {
    const recorder = start("record", directory, "--ack");
    recorder.process.stdin.write(lineOf("first"));
    await nextAck(recorder);
    const reader = start("tail", "--directory", directory);
    assert.is((await restOf(reader.lines)).length, 2);
    assert.is((await reader.ended).exit, 0);
    recorder.process.stdin.end();
    assert.is((await recorder.ended).exit, 0);
  }));

test("every line that was acknowledged before a kill -9 is in the recovered run", () =>
  inTemporaryFolder(async (directory) => {
    const child = start("record", directory, "--ack");
    const payloads = Array.from({ length: 20_000 }, (_, n) => `payload ${n}`);
    child.process.stdin.write(payloads.map(lineOf).join(""));
    let last = await nextAck(child);
    while (last.line < 3_000) last = await nextAck(child);
    child.process.kill("SIGKILL");
    // What was printed before the kill is in the pipe still; the kill may have cut its last line.
    const printed = (await restOf(child.lines)).findLast((line) => line.endsWith("}"));
    if (printed !== undefined) last = JSON.parse(printed) as Ack;
    assert.is((await child.ended).exit, "SIGKILL");
    const next = await openRun({ directory });
    const [recovered] = next.recovered;
    assert.ok(recovered !== undefined);
    assert.is(recovered.status, "crashed-recovered");
    assert.is(next.manifest.parentRunId, recovered.runId);
    await next.close();
    const found = await payloadsIn(directory, recovered.runId);
    assert.equal(found, payloads.slice(0, found.length));
    assert.ok(found.length >= last.line, `${found.length} of ${last.line}`);
  }));

test("the help needs no store", async () => {
  const child = start("--help");
  const [line] = await restOf(child.lines);
  assert.match(line ?? "", /^Usage: tidemark/);
  assert.equal(await child.ended, { exit: 0, stderr: "" });
});

test("output that cannot be written is 2", () =>
  inTemporaryFolder(async (directory) => {
    await (await openRun({ directory })).close();
    const full = await open("/dev/full", "w");
    for (const args of [["--help"], ["ls", directory], ["tail", "--directory", directory]]) {
      const [program, ...rest] = commandOf(...args);
      const child = spawn(program, rest, { stdio: ["ignore", full.fd, "pipe"] });
      const stderr: string[] = [];
      child.stderr?.on("data", (piece: Buffer) => stderr.push(piece.toString()));
      const [exit] = await once(child, "close");
      assert.is(exit, 2, args.join(" "));
      assert.match(stderr.join(""), /^tidemark: .*\(ENOSPC\)\n$/);
    }
    await full.close();
  }));

test("a closed standard error stops nothing", () =>
  inTemporaryFolder(async (directory) => {
    const child = start("record", directory, "--skip-bad");
    child.process.stderr.destroy();
    await once(child.process, "spawn");
    child.process.stdin.end(`bad\n${lineOf("kept")}`);
    await restOf(child.lines);
    assert.is((await child.ended).exit, 0);
    assert.equal(await payloadsIn(directory), ["kept"]);
  }));

test.run();
