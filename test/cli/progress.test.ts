import { PassThrough, Readable } from "node:stream";
import { of } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextOf, type CommandContext } from "../../src/cli/CommandContext.ts";
import { ENTRIES_FORMAT, lastSeqOf, progressOn } from "../../src/cli/progress.ts";

const test = suite("progress");
/** Milliseconds, what is done, and of how much: two works, the first from the middle on. */
const WORKS = [
  [1_000, 1_000_000, 2_000_000],
  [2_000, 1_500_000, 2_000_000],
  [3_000, 700, 1_000],
  [5_000, 800, 1_000],
] as const;

function contextWith(stderr: PassThrough, isOutputTerminal = false): CommandContext {
  const stdout = Object.assign(new PassThrough(), { isTTY: isOutputTerminal });
  return contextOf({
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    on: () => {},
    off: () => {},
  });
}

function terminal(): PassThrough {
  return Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
  });
}

/** All that was written: from Node 26 on a read gives one piece of it. */
function writtenTo(stream: PassThrough): string {
  const pieces: string[] = [];
  for (let piece = stream.read(); piece !== null; piece = stream.read()) pieces.push(String(piece));
  return pieces.join("");
}

test("tells how far the work is, how fast, and how long it will take", async () => {
  const stderr = terminal();
  const progress = await progressOn(contextWith(stderr), ENTRIES_FORMAT);
  progress.update(0, 200);
  progress.update(50, 200);
  progress.stop();
  const drawn = writtenTo(stderr);
  assert.match(drawn, /░/);
  assert.match(drawn, /\d+ of 200 entries · \d+\/s · .* left/);
});

test("is silent where standard error is no terminal", async () => {
  const stderr = new PassThrough();
  const progress = await progressOn(contextWith(stderr), ENTRIES_FORMAT);
  progress.update(1, 2);
  progress.stepAside();
  progress.stop();
  assert.is(writtenTo(stderr), "");
});

test("leaves the terminal as it wraps lines", async () => {
  const stderr = terminal();
  const progress = await progressOn(contextWith(stderr), ENTRIES_FORMAT);
  progress.update(1, 2);
  progress.stop();
  assert.not.ok(writtenTo(stderr).includes("\u001B[?7"));
});

test("draws no bar between the rows of a terminal", async () => {
  for (const [isOutputTerminal, besideOutput] of [
    [true, true],
    [true, false],
    [false, true],
  ] as const) {
    const stderr = terminal();
    const context = contextWith(stderr, isOutputTerminal);
    const progress = await progressOn(context, ENTRIES_FORMAT, { besideOutput });
    progress.update(1, 2);
    progress.stop();
    assert.is(writtenTo(stderr) === "", isOutputTerminal && besideOutput);
  }
});

test("looks at what to draw now and then, however often it is told", async () => {
  const progress = await progressOn(contextWith(terminal()), "{run}");
  let looks = 0;
  const values = {
    get run(): string {
      looks += 1;
      return "x";
    },
  };
  for (let done = 1_000; done < 2_000; done += 1) progress.update(done, 2_000, values);
  progress.stop();
  assert.ok(looks > 0 && looks < 500, String(looks));
});

test("the rate is that of the work, from where it began", async () => {
  const now = performance.now.bind(performance);
  const stderr = terminal();
  const progress = await progressOn(contextWith(stderr), "{rate}/s");
  try {
    for (const [ms, done, total] of WORKS) {
      performance.now = () => ms;
      progress.update(done, total);
    }
  } finally {
    performance.now = now;
    progress.stop();
  }
  const rates = writtenTo(stderr).match(/\d+\/s/g) ?? [];
  assert.is(rates.at(-1), "50/s");
});

test("the last durable seq is how much there is to read", async () => {
  assert.is(await lastSeqOf({ watermark$: of(7, 8) }), 7);
});

test.run();
