import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite<{ directory: string }>("examples");
const TSX = import.meta.resolve("tsx");
const EXAMPLES = new URL("../../examples/", import.meta.url);
const START = "04-matching-engine/main";

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an example in a folder of its own; `onOutput` sees what it has printed so far. */
function runExample(
  cwd: string,
  command: readonly string[],
  onOutput: (printed: string, pid: number) => void = () => {},
): Promise<Result> {
  const [name, ...args] = command;
  const file = new URL(`${name}.ts`, EXAMPLES).pathname;
  const node = ["--conditions=tidemark-source", "--import", TSX, file, ...args];
  return new Promise((resolve, reject) => {
    // Whoever runs the tests may force colours, and Node's console would paint numbers.
    const { FORCE_COLOR: _, ...env } = process.env;
    const child = spawn(process.execPath, node, { cwd, env });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onOutput(stdout, child.pid!);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

function expected(name: string): Promise<string> {
  return readFile(new URL(`expected/${name}.txt`, EXAMPLES), "utf8");
}

/** What differs from run to run: names, times, sizes, rates. */
function withoutFigures(printed: string): string {
  return printed
    .replaceAll(/\d{19}-[0-9a-f]{8}/g, "<run>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g, "<time>")
    .replaceAll(/[\d,.]+ (ms|MiB|entries\/s)/g, "<n> $1");
}

test.before.each(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), "tidemark-examples-"));
});
test.after.each((context) => rm(context.directory, { recursive: true }));

for (const name of ["01-quickstart", "02-stop-on-halt", "03-write-ahead-gate"]) {
  test(`${name} prints what it is expected to`, async ({ directory }) => {
    const { code, stdout, stderr } = await runExample(directory, [name]);
    assert.is(stderr, "");
    assert.is(code, 0);
    assert.is(stdout, await expected(name));
  });
}

test("the matching engine is rebuilt from its log, and its second start lists the first", async ({
  directory,
}) => {
  const first = await runExample(directory, [START, "--orders", "2000"]);
  const second = await runExample(directory, [START, "--orders", "2000"]);
  for (const { code, stderr } of [first, second]) {
    assert.match(
      stderr,
      /^ +\d+\.\d s {3}watermark +[\d,]+ {3}queue +[\d,]+ \w+ +[\d,]+ entries\/s$/m,
    );
    assert.is(code, 0);
  }
  const printed = await expected("04-matching-engine");
  assert.is(withoutFigures(second.stdout), printed);
  assert.is(withoutFigures(first.stdout), printed.slice(printed.indexOf("recording")));
});

test("SIGINT ends the session of the matching engine, which closes its run", async ({
  directory,
}) => {
  let isInterrupted = false;
  const command = [START, "--orders", "900000000"];
  const { code, stdout } = await runExample(directory, command, (printed, pid) => {
    if (isInterrupted || !printed.includes("recording")) return;
    isInterrupted = true;
    process.kill(pid, "SIGINT");
  });
  assert.is(code, 0);
  assert.match(stdout, /status +ended/);
  assert.match(stdout, /equals the live book/);
});

test.run();
