import { EventEmitter } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listRuns, openRun } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { hosted, until, type Hosted } from "./support/hosted.ts";
import { ORDER } from "./support/runs.ts";

const test = suite("how record ends");
const LINE = `${JSON.stringify(ORDER)}\n`;

/** Takes the log of the run that is being recorded away and hands a line in: the run halts. */
async function halted({ stdin }: Hosted, directory: string): Promise<void> {
  const [summary] = await listRuns({ directory });
  await rm(join(directory, "default", summary?.manifest.runId ?? "", "data.mdb"));
  stdin.write(LINE);
}

/** A standard output that nobody takes anything from, and how much it was handed. */
function stalled(): { readonly stdout: Writable; readonly pieces: () => number } {
  let pieces = 0;
  const write = (): void => {
    pieces += 1;
  };
  return { stdout: new Writable({ write }), pieces: () => pieces };
}

/** A standard output on a full disk. */
function full(): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error("no space"), { code: "ENOSPC" }));
    },
  });
}

function lastLineOf(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

test("the reason of a halt waits for nobody who reads standard output", () =>
  inTemporaryFolder(async (directory) => {
    const { stdout, pieces } = stalled();
    const command = hosted(["record", directory, "--ack"], stdout);
    command.stdin.write(LINE);
    await until(() => pieces() > 0);
    await halted(command, directory);
    await until(() => /"kind":"backend-/.test(lastLineOf(command.stderr())));
    // Whoever gives up on that reader can: nothing is left that a signal could spoil.
    assert.is(command.signals.listenerCount("SIGINT"), 0);
    assert.is(command.signals.listenerCount("SIGTERM"), 0);
    stdout.destroy();
    assert.is(await command.ended, 1);
  }));

test("a halt is 1 and its reason the last line, also where the acknowledgements cannot be written", () =>
  inTemporaryFolder(async (directory) => {
    const command = hosted(["record", directory, "--ack"], full());
    command.stdin.write(LINE);
    await until(async () => (await listRuns({ directory }))[0]?.watermark === 2);
    await halted(command, directory);
    assert.is(await command.ended, 1);
    assert.match(command.stderr(), "tidemark: no space (ENOSPC)\n");
    assert.match(lastLineOf(command.stderr()), /^\{"kind":"backend-/);
    assert.is(command.stderr().split("no space").length, 2);
  }));

test("acknowledgements that cannot be written are 2 where all else is fine", () =>
  inTemporaryFolder(async (directory) => {
    const command = hosted(["record", directory, "--ack"], full());
    command.stdin.end(LINE);
    assert.is(await command.ended, 2);
    assert.is(lastLineOf(command.stderr()), "tidemark: no space (ENOSPC)");
  }));

test("what was recovered is told at once, and a signal closes the run", () =>
  inTemporaryFolder(async (directory) => {
    const left = await openRun({ directory });
    await left.abandon();
    const signals = new EventEmitter();
    const command = hosted(["record", directory], new PassThrough(), signals);
    await until(() => command.stderr().includes(`${left.runId} was not closed`));
    signals.emit("SIGINT");
    assert.is(await command.ended, 0);
    assert.is(signals.listenerCount("SIGINT"), 0);
  }));

test("a signal while the run is opened closes it then, and a second one is not heard any more", () =>
  inTemporaryFolder(async (directory) => {
    await (await openRun({ directory })).abandon();
    const signals = new EventEmitter();
    const command = hosted(["record", directory], new PassThrough(), signals);
    await until(() => signals.listenerCount("SIGINT") > 0);
    signals.emit("SIGINT");
    // By default it ends the process, with a recovery that takes long.
    const heard = ["SIGINT", "SIGTERM"].map((signal) => signals.listenerCount(signal));
    assert.equal(heard, [0, 0]);
    assert.is(await command.ended, 0);
    const statuses = (await listRuns({ directory })).map(({ manifest }) => manifest.status);
    assert.equal(statuses.toSorted(), ["crashed-recovered", "ended"]);
  }));

test.run();
