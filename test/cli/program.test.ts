import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasControls } from "./support/runs.ts";
import { run } from "./support/testContext.ts";

const test = suite("the command");

test("wrong usage is 2 on standard error, help and version are 0 on standard output", async () => {
  for (const args of [
    [],
    ["bogus"],
    ["ls"],
    ["ls", "a", "b"],
    ["tail", "x", "--bogus"],
    ["tail"],
  ]) {
    const { exitCode, stdout, stderr } = await run(args);
    assert.is(exitCode, 2, args.join(" "));
    assert.is(stdout, "");
    assert.match(stderr, /^(?:tidemark: |Usage: )/);
  }
  for (const args of [["--help"], ["--version"], ["tail", "--help"]]) {
    const { exitCode, stdout, stderr } = await run(args);
    assert.is(exitCode, 0);
    assert.ok(stdout.length > 0);
    assert.is(stderr, "");
  }
});

test("a stack trace is shown only when TIDEMARK_DEBUG is set", async () => {
  const args = ["ls", "/nonexistent-tidemark"];
  assert.not.match((await run(args)).stderr, /\n +at /);
  assert.match((await run(args, { env: { TIDEMARK_DEBUG: "1" } })).stderr, /\n +at /);
});

test("the stack cannot drive a terminal, whatever its message repeats", async () => {
  const args = ["ls", "/nonexistent-\u001B[2J-tidemark"];
  const { stderr } = await run(args, { env: { TIDEMARK_DEBUG: "1" } });
  assert.match(stderr, /\n +at /);
  assert.not.ok(hasControls(stderr));
});

test("help fits a terminal of 50 columns", async () => {
  const { stdout } = await run(["tail", "--help"], { columns: 50 });
  const options = stdout.split("\n").filter((line) => /^ +[^ $]/.test(line));
  assert.ok(options.length > 10 && options.every((line) => line.length <= 50), stdout);
});

test.run();
