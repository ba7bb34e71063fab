import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun } from "../../src/index.ts";
import { contextOf } from "../../src/cli/CommandContext.ts";
import type { EntryJson } from "../../src/cli/entryJson.ts";
import { tail } from "../../src/cli/tail.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { commandOf, restOf, start, type Child } from "./support/child.ts";
import { FILL, hasControls, ORDER, recorded } from "./support/runs.ts";
import { run, valuesOf } from "./support/testContext.ts";

const test = suite("tail");

/** The seq of the next line of a child that prints NDJSON. */
async function seqOf({ lines }: Child): Promise<number> {
  return (JSON.parse((await lines.next()).value as string) as EntryJson).seq;
}

test("tail prints entries oldest first, those of the run's life included", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER, FILL);
    const { exitCode, stdout } = await run(["tail", join(directory, "default", runId)]);
    assert.is(exitCode, 0);
    const lines = stdout.split("\n");
    assert.is(lines.length, 5);
    assert.match(lines[0] ?? "", /^1 .* RunStarted {2}\{\}$/);
    const order = '2  2024-05-08T00:00:00.000000001Z  exec.command  SubmitOrder  {"price":5155.50}';
    assert.is(lines[1], order);
    assert.match(lines[2] ?? "", /exec\.event {2}Fill {2}0xffef$/);
    assert.match(lines[3] ?? "", /RunEnded$/);
  }));

test("tail keeps to what is asked for", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL, ORDER);
    const seqs = async (...options: string[]): Promise<number[]> => {
      const { stdout } = await run(["tail", "--directory", directory, "--json", ...options]);
      return valuesOf<EntryJson>(stdout).map(({ seq }) => seq);
    };
    assert.equal(await seqs("--from", "3"), [3, 4, 5]);
    assert.equal(await seqs("--from", "99"), []);
    assert.equal(await seqs("--topic", "exec.c*"), [2, 4]);
    assert.equal(await seqs("--topic", "exec.c*", "--topic", "*.RunEnded"), [2, 4, 5]);
    assert.equal(await seqs("--type", "Fill"), [3]);
    assert.equal(await seqs("--limit", "2"), [1, 2]);
    assert.equal(await seqs("--limit", "0"), []);
  }));

test("tail fits a terminal and cannot be made to drive it", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, { ...ORDER, topic: "a\u001B[2J", payload: "注\u0007".repeat(99) });
    for (const columns of [20, 100]) {
      const { stdout } = await run(["tail", "--directory", directory], {
        columns,
        env: { NO_COLOR: "1" },
      });
      assert.not.ok(hasControls(stdout));
      for (const line of stdout.split("\n")) assert.ok(line.length <= columns);
    }
  }));

test("tail -f goes on with what is recorded, until a signal, the run or its reader ends", () =>
  inTemporaryFolder(async (directory) => {
    const recorder = start("record", directory, "--ack");
    const record = async (): Promise<void> => {
      recorder.process.stdin.write(`${JSON.stringify(ORDER)}\n`);
      await recorder.lines.next();
    };
    await record();
    const follow = ["tail", "-f", "--directory", directory, "--json"];
    const [signalled, unread, whole] = [start(...follow), start(...follow), start(...follow)];
    for (const seq of [1, 2]) {
      for (const child of [signalled, unread, whole]) assert.is(await seqOf(child), seq);
    }
    await record();
    assert.is(await seqOf(signalled), 3);
    assert.is(await seqOf(unread), 3);
    signalled.process.kill("SIGINT");
    assert.equal(await signalled.ended, { exit: 0, stderr: "" });
    unread.process.stdout.destroy();
    await record();
    assert.equal(await unread.ended, { exit: 0, stderr: "" });
    recorder.process.stdin.end();
    const rest = (await restOf(whole.lines)).map((line) => (JSON.parse(line) as EntryJson).seq);
    assert.equal(rest, [3, 4, 5]);
    assert.equal(await whole.ended, { exit: 0, stderr: "" });
    await recorder.ended;
  }));

test("tail -f ends at the next entry of an idle run once the other end of its pipe is closed", () =>
  inTemporaryFolder(async (directory) => {
    const written = await openRun({ directory });
    // A pipe as a shell makes it: what Node gives a child is a socket, which tells at once.
    const pipeline = '"$@" | { head -n 1; exec <&-; echo gone; }; echo ended';
    const shell = spawn("sh", [
      "-c",
      pipeline,
      "sh",
      ...commandOf("tail", "-f", "--directory", directory),
    ]);
    const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
    assert.match((await lines.next()).value as string, /RunStarted/);
    assert.is((await lines.next()).value, "gone");
    await written.append({ topic: "t", payloadType: "T", payload: "" });
    assert.is((await lines.next()).value, "ended");
    await written.close();
  }));

test("tail -f says why it ends with a run that nobody has sealed, and a limit does not", () =>
  inTemporaryFolder(async (directory) => {
    const left = await openRun({ directory });
    await left.abandon();
    const follow = ["tail", "-f", "--directory", directory];
    const { exitCode, stderr } = await run(follow);
    assert.is(exitCode, 0);
    assert.is(stderr, "tidemark: nobody writes the run any more, and nobody has sealed it\n");
    assert.is((await run([...follow, "--limit", "1"])).stderr, "");
  }));

test("a second signal to tail -f has its default effect", () =>
  inTemporaryFolder(async (directory) => {
    const left = await openRun({ directory });
    const signals = new EventEmitter();
    const streams = {
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
    };
    const context = contextOf(Object.assign(signals, { ...streams, env: {} }));
    const over = tail([], { directory, follow: true }, context);
    assert.is(signals.listenerCount("SIGINT"), 1);
    signals.emit("SIGINT");
    assert.equal([signals.listenerCount("SIGINT"), signals.listenerCount("SIGTERM")], [0, 0]);
    assert.is(await over, 0);
    await left.close();
  }));

test("tail --follow-children tells where the next run begins", () =>
  inTemporaryFolder(async (directory) => {
    const left = await openRun({ directory });
    await left.abandon();
    const next = await openRun({ directory });
    await next.close();
    const address = ["--directory", directory, "--run", left.runId];
    const { exitCode, stdout, stderr } = await run(["tail", "--follow-children", ...address]);
    assert.is(exitCode, 0);
    assert.equal(
      stdout.split("\n").map((line) => line.slice(0, 2)),
      ["1 ", "1 ", "2 ", ""],
    );
    assert.match(stderr, next.runId);
  }));

test.run();
