import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as tidemark from "tidemark";
import { record } from "tidemark/operators";
import { marbles, memoryRun } from "tidemark/testing";

const test = suite("README");
const readme = readFileSync("README.md", "utf8");

function draftOf(payload: string): tidemark.EntryDraft {
  return { topic: "exec.command", payloadType: "SubmitOrder", payload };
}

for (const file of ["examples/01-quickstart.ts", "examples/expected/01-quickstart.txt"]) {
  test(`shows ${file} as it is`, () => {
    const shown = new RegExp(`<!-- ${file} -->\\n\`\`\`\\w*\\n([^]*?)\`\`\``).exec(readme);
    assert.is(shown?.[1], readFileSync(file, "utf8"));
  });
}

test("has a line for every error code and class", () => {
  const classes = Object.entries(tidemark)
    .filter(([name]) => name.endsWith("Error") && name !== "TidemarkError")
    .map(([name]) => name);
  assert.ok(classes.length > 10);
  for (const name of classes) assert.match(readme, `\`${name}\``);
});

test("tells what it is in the first 60 lines", () => {
  const first = readme.split("\n").slice(0, 60).join("\n");
  for (const part of [
    "watermark$",
    "npm install tidemark rxjs",
    "openRun",
    "BackpressuredSubject ─►",
    "| `pressure$` |",
    "docs/guarantees.md",
    "docs/limits.md",
  ]) {
    assert.match(first, part);
  }
});

test("shows a marble test that passes", () => {
  marbles(({ cold, expectObservable }) => {
    const run = memoryRun({ commitMs: 2, faults: [{ at: 3, fail: "disk" }] });
    cold("a-b-c")
      .pipe(record(run, draftOf))
      .subscribe({ error: () => {} });
    expectObservable(run.watermark$).toBe("a-b-c-|", { a: 0, b: 1, c: 2 });
  });
  const own = /^ {2}(marbles[^]*?^ {2}\}\);)$/m.exec(readFileSync(import.meta.filename, "utf8"));
  assert.match(readme, (own?.[1] ?? "missing").replaceAll(/^ {2}/gm, ""));
});

test.run();
