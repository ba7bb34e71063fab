import { PassThrough, Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextOf, type CommandContext } from "../../src/cli/CommandContext.ts";
import { ENTRIES_FORMAT, progressOn } from "../../src/cli/progress.ts";

const test = suite("progress");

function contextWith(stderr: PassThrough): CommandContext {
  const stdout = new PassThrough();
  return contextOf({ stdin: Readable.from([]), stdout, stderr, env: {}, on: () => {} });
}

test("tells how far the work is, how fast, and how long it will take", async () => {
  const stderr = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
  });
  const progress = await progressOn(contextWith(stderr), ENTRIES_FORMAT);
  progress.update(0, 200);
  progress.update(50, 200);
  progress.stop();
  const drawn = String(stderr.read() ?? "");
  assert.match(drawn, /░/);
  assert.match(drawn, /\d+ of 200 entries · \d+\/s · .* left/);
});

test("is silent where standard error is no terminal", async () => {
  const stderr = new PassThrough();
  const progress = await progressOn(contextWith(stderr), ENTRIES_FORMAT);
  progress.update(1, 2);
  progress.stepAside();
  progress.stop();
  assert.is(stderr.read(), null);
});

test.run();
