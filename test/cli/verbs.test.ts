import { EventEmitter } from "node:events";
import { open, rm, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listRuns, openRun, readRun, type Entry, type VerifyReport } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { run, stdinOf, valuesOf, type Surroundings } from "./support/testContext.ts";
import type { EntryJson } from "../../src/cli/entryJson.ts";

const test = suite("the verbs");

const CORRELATION = "00000000-0000-4000-8000-00000000000a";
const ORDER = {
  topic: "exec.command",
  payloadType: "SubmitOrder",
  payload: '{"price":5155.50}',
  tsInit: "1715126400000000001",
  headers: { correlationId: CORRELATION },
  indexKeys: [{ kind: "clientOrderId", key: "O-19" }],
};
const FILL = {
  topic: "exec.event",
  payloadType: "Fill",
  payloadBase64: "/+8=",
  indexKeys: [{ kind: "clientOrderId", key: "O-19" }],
};

async function recorded(
  directory: string,
  ...lines: (string | Uint8Array | object)[]
): Promise<string> {
  const { exitCode, stderr } = await run(["record", directory], { stdin: stdinOf(...lines) });
  assert.is(exitCode, 0, stderr);
  const runs = await listRuns({ directory });
  return runs.at(-1)?.manifest.runId ?? "";
}

async function entriesOf(directory: string): Promise<Entry[]> {
  await using reader = await readRun({ directory });
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return entries;
}

function payloadsOf(entries: readonly Entry[]): string[] {
  return entries
    .filter(({ topic }) => !topic.startsWith("run.lifecycle."))
    .map(({ payload }) => Buffer.from(payload).toString("latin1"));
}

/** Flips a byte of the newest run's data, in the payload that holds this text. */
async function flipIn(path: string, text: string): Promise<void> {
  const at = (await readFile(path)).lastIndexOf(text);
  assert.ok(at > 0);
  const file = await open(path, "r+");
  await file.write(Uint8Array.of(0x21), 0, 1, at);
  await file.close();
}

test("record makes an entry of each line, with all that it says", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL);
    const [, order, fill] = await entriesOf(directory);
    assert.is(order?.topic, ORDER.topic);
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
    assert.not.match(stderr, /\u001B/);
    assert.is(payloadsOf(await entriesOf(directory)).length, 2);
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
    assert.equal(payloadsOf(await entriesOf(directory)), ["{ 1", "\u00FF\u0000\r", "end"]);
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

test("record closes the run at a signal, without the line that was not complete", () =>
  inTemporaryFolder(async (directory) => {
    const [stdin, signals] = [new PassThrough(), new EventEmitter()];
    const ended = run(["record", directory], { stdin, signals });
    stdin.write(`${JSON.stringify(ORDER)}\n{"topic":"cut`);
    // The input is read only once the run is open, and stays open itself.
    while (stdin.readableLength > 0 || stdin.readableFlowing === null) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      if (stdin.listenerCount("readable") > 0 && stdin.readableLength === 0) break;
    }
    signals.emit("SIGTERM");
    signals.emit("SIGINT");
    const { exitCode, stderr } = await ended;
    assert.is(exitCode, 0, stderr);
    assert.is(signals.listenerCount("SIGINT") + signals.listenerCount("SIGTERM"), 0);
    assert.equal(payloadsOf(await entriesOf(directory)), [ORDER.payload]);
    const [summary] = await listRuns({ directory });
    assert.is(summary?.manifest.status, "ended");
  }));

test("record leaves a run unsealed whose input broke off", () =>
  inTemporaryFolder(async (directory) => {
    const stdin = Readable.from(
      (async function* broken() {
        yield Buffer.from(`${JSON.stringify(ORDER)}\n`);
        throw Object.assign(new Error("gone"), { code: "EIO" });
      })(),
    );
    const { exitCode, stderr } = await run(["record", directory], { stdin });
    assert.is(exitCode, 2);
    assert.match(stderr, /tidemark: gone \(EIO\)/);
    const [summary] = await listRuns({ directory });
    assert.is(summary?.manifest.status, "running");
    assert.equal(payloadsOf(await entriesOf(directory)), [ORDER.payload]);
  }));

test("record tells which predecessor it sealed", () =>
  inTemporaryFolder(async (directory) => {
    const crashed = await openRun({ directory });
    await crashed.abandon();
    const { exitCode, stderr } = await run(["record", directory], { stdin: stdinOf(ORDER) });
    assert.is(exitCode, 0);
    assert.match(stderr, new RegExp(`${crashed.runId} .* crashed-recovered at 1`));
  }));

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
      assert.not.match(stdout, /[\u001B\u0007]/);
      for (const line of stdout.split("\n")) assert.ok(line.length <= columns);
    }
  }));

test("record makes the same entries of what tail --json prints", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL);
    const { stdout } = await run(["tail", "--directory", directory, "--json", "--topic", "exec.*"]);
    const before = await entriesOf(directory);
    await recorded(directory, ...valuesOf<object>(stdout));
    const after = await entriesOf(directory);
    const drafts = (entries: Entry[]): unknown[] =>
      entries.slice(1, -1).map(({ tsPublish: _, hash: _hash, ...draft }) => draft);
    assert.equal(drafts(after), drafts(before));
  }));

test("inspect prints an entry whole", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL);
    const { stdout, exitCode } = await run(["inspect", "--directory", directory, "2"]);
    assert.is(exitCode, 0);
    assert.match(stdout, /2024-05-08T00:00:00\.000000001Z \(1715126400000000001\)/);
    assert.match(stdout, new RegExp(CORRELATION));
    assert.match(stdout, /clientOrderId=O-19/);
    assert.match(stdout, /[0-9a-f]{64} holds\n/);
    assert.match(stdout, /\{\n {2}"price": 5155\.50\n\}\n$/);
    const binary = await run(["inspect", "--directory", directory, "3"]);
    assert.match(binary.stdout, /00000000 {2}ff ef .*\|\.\.\|\n$/);
  }));

test("inspect finds entries by key and by correlation id", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL, { ...FILL, indexKeys: [] });
    const found = async (...how: string[]): Promise<(number | boolean)[]> => {
      const { stdout } = await run(["inspect", "--directory", directory, "--json", ...how]);
      const entries = valuesOf<EntryJson & { hashHolds: boolean }>(stdout);
      return entries.flatMap(({ seq, hashHolds }) => [seq, hashHolds]);
    };
    assert.equal(await found("--key", "clientOrderId=O-19"), [2, true, 3, true]);
    assert.equal(await found("--correlation", CORRELATION.toUpperCase()), [2, true]);
    assert.equal(await found("4"), [4, true]);
  }));

test("inspect exits with 2 for what is not there, and for more than one question", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER);
    const at = ["inspect", "--directory", directory];
    for (const how of [
      ["9"],
      ["0"],
      ["x"],
      [],
      ["2", "3"],
      ["2", "--key", "a=b"],
      ["--key", "=b"],
      ["--key", "clientOrderId=none"],
      ["--correlation", "00000000-0000-4000-8000-00000000000b"],
    ]) {
      const { exitCode, stdout, stderr } = await run([...at, ...how]);
      assert.is(exitCode, 2, how.join(" "));
      assert.is(stdout, "");
      assert.match(stderr, /^tidemark: .* \(TIDEMARK_(?:NOT_FOUND|INVALID_CONFIG)\)\n$/);
    }
  }));

test("ls lists the runs of all instances, oldest first", () =>
  inTemporaryFolder(async (directory) => {
    const first = await recorded(directory, ORDER);
    await run(["record", directory, "--instance", "desk-1"], { stdin: stdinOf(ORDER) });
    const live = await openRun({ directory });
    const { stdout } = await run(["ls", directory]);
    const [header, ...rows] = stdout.trimEnd().split("\n");
    assert.match(header ?? "", /^instance +run +status +live +watermark +size +parent$/);
    assert.is(rows.length, 3);
    assert.match(rows[0] ?? "", new RegExp(`^default +${first} +ended +- +3 `));
    assert.match(rows[1] ?? "", /^desk-1 /);
    assert.match(rows[2] ?? "", new RegExp(`^default +${live.runId} +running +live +1 `));
    await live.close();
  }));

test("ls --json prints one array of summaries, bigints as decimal strings", () =>
  inTemporaryFolder(async (directory) => {
    assert.is((await run(["ls", directory, "--json"])).stdout, "[]\n");
    const runId = await recorded(directory, ORDER);
    const { stdout } = await run(["ls", directory, "--json"]);
    const [summary] = JSON.parse(stdout) as Record<string, unknown>[];
    const manifest = summary?.["manifest"] as Record<string, unknown>;
    assert.is(manifest["runId"], runId);
    assert.match(manifest["startTsInit"] as string, /^\d{19}$/);
    assert.is(summary?.["watermark"], 3);
    assert.is(summary?.["isLive"], false);
  }));

test("ls says so where there is no run, and exits with 2 where there is no directory", () =>
  inTemporaryFolder(async (directory) => {
    const empty = await run(["ls", directory]);
    assert.is(empty.exitCode, 0);
    assert.is(empty.stdout, "no runs\n");
    const missing = await run(["ls", join(directory, "none")]);
    assert.is(missing.exitCode, 2);
    assert.match(missing.stderr, /TIDEMARK_NOT_FOUND/);
  }));

test("verify exits with 0 for a clean run and with 1 for a damaged one", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER);
    const folder = join(directory, "default", runId);
    const clean = await run(["verify", folder]);
    assert.is(clean.exitCode, 0, clean.stderr);
    assert.match(clean.stdout, /^run .* \(ended\): clean, 3 entries read, watermark 3\n$/);

    await flipIn(join(folder, "data.mdb"), '"price"');
    const damaged = await run(["verify", folder]);
    assert.is(damaged.exitCode, 1);
    assert.match(damaged.stdout, /hash-mismatch: the hash of entry 2 does not hold\n/);
    const { exitCode, stdout } = await run(["verify", folder, "--json"]);
    assert.is(exitCode, 1);
    const report = JSON.parse(stdout) as VerifyReport;
    assert.is(report.isClean, false);
    assert.ok(report.findings.some(({ kind }) => kind === "hash-mismatch"));
    const tailed = await run(["tail", folder]);
    assert.is(tailed.exitCode, 1);
  }));

test("verify reports a run that cannot even be opened", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER);
    const folder = join(directory, "default", runId);
    await rm(join(folder, "data.mdb"));
    const { exitCode, stdout } = await run(["verify", folder, "--json"]);
    assert.is(exitCode, 1);
    const report = JSON.parse(stdout) as VerifyReport;
    assert.is(report.runId, runId);
    assert.is(report.findings[0]?.kind, "structure");
  }));

test("an unknown format in manifest.json is 2, and ls lists the run with its problem", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER);
    const path = join(directory, "default", runId, "manifest.json");
    const manifest = await readFile(path, "utf8");
    await writeFile(path, manifest.replace(/"formatVersion": *\d+/, '"formatVersion": 99'));
    for (const verb of ["tail", "verify"]) {
      const { exitCode, stderr } = await run([verb, join(directory, "default", runId)]);
      assert.is(exitCode, 2);
      assert.match(stderr, /TIDEMARK_UNSUPPORTED_FORMAT/);
    }
    assert.match((await run(["ls", directory])).stdout, /problem\n.*99/);
  }));

test("a run that is not there is 2", () =>
  inTemporaryFolder(async (directory) => {
    for (const verb of ["tail", "verify"]) {
      const { exitCode, stderr } = await run([verb, join(directory, "default", "1-ab")]);
      assert.is(exitCode, 2);
      assert.match(stderr, /^tidemark: .*\(TIDEMARK_NOT_FOUND\)\n$/);
    }
  }));

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

test.run();
