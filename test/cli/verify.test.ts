import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun, type VerifyReport } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { ORDER, recorded } from "./support/runs.ts";
import { run } from "./support/testContext.ts";

const test = suite("verify");

/** Changes a byte wherever a file holds this text: freed pages may hold it too. */
async function changeIn(path: string, text: string): Promise<void> {
  const bytes = await readFile(path);
  let at = bytes.indexOf(text);
  assert.ok(at > 0);
  for (; at !== -1; at = bytes.indexOf(text, at + 1)) bytes[at] = 0x21;
  await writeFile(path, bytes);
}

test("verify exits with 0 for a clean run and with 1 for a damaged one", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER);
    const folder = join(directory, "default", runId);
    const clean = await run(["verify", folder]);
    assert.is(clean.exitCode, 0, clean.stderr);
    assert.match(clean.stdout, /^run .* \(ended\): clean, 3 entries read, watermark 3\n$/);

    await changeIn(join(folder, "data.mdb"), '"price"');
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

test("verify prints the first 10,000 findings of a kind, and counts all", () =>
  inTemporaryFolder(async (directory) => {
    const left = await openRun({ directory, writer: { queueCapacity: 12_000 } });
    for (let item = 1; item <= 12_000; item += 1) {
      left.offer({ topic: "t", payloadType: "T", payload: "mark" });
    }
    await left.close();
    const folder = join(directory, "default", left.runId);
    await changeIn(join(folder, "data.mdb"), "mark");
    const { exitCode, stdout } = await run(["verify", folder]);
    assert.is(exitCode, 1);
    const lines = stdout.trimEnd().split("\n");
    assert.is(lines.filter((line) => line.startsWith("hash-mismatch")).length, 10_000);
    const [, count, listed] = /findings: (\d+) \((\d+) of them listed\)/.exec(lines.at(-1)!) ?? [];
    assert.is(Number(listed), lines.length - 1);
    const json = await run(["verify", folder, "--json"]);
    const { findings, findingCount } = JSON.parse(json.stdout) as VerifyReport;
    assert.equal([findingCount, findings.length], [Number(count), Number(listed)]);
    assert.is(findingCount - findings.length, 2_000);
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

test.run();
