import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { VerifyReport } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { ORDER, recorded } from "./support/runs.ts";
import { run, type Ran } from "./support/testContext.ts";

const test = suite("verify, whose process dies");

const FATAL = new URL("./programs/diesWhileVerifying.mjs", import.meta.url).href;
/** Each of another kind: a page that cannot be had, arithmetic, a trap, a call that is none. */
const OF_DAMAGE = ["SIGBUS", "SIGFPE", "SIGTRAP", "SIGSYS"];

/** Verifies, by a process that dies of a signal once it has told of something of this kind. */
async function verifiedUntil(
  kind: "finding" | "progress",
  signal: string,
  ...args: string[]
): Promise<Ran> {
  const { NODE_OPTIONS = "" } = process.env;
  process.env["NODE_OPTIONS"] = `${NODE_OPTIONS} --import ${FATAL}`;
  process.env["TIDEMARK_TEST_DEATH"] = `${kind} ${signal}`;
  try {
    return await run(["verify", ...args]);
  } finally {
    process.env["NODE_OPTIONS"] = NODE_OPTIONS;
    delete process.env["TIDEMARK_TEST_DEATH"];
  }
}

/** A run whose first order is not the one that was recorded. */
async function damagedRun(directory: string): Promise<string> {
  const folder = join(directory, "default", await recorded(directory, ORDER));
  const path = join(folder, "data.mdb");
  const bytes = await readFile(path);
  for (let at = bytes.indexOf('"price"'); at !== -1; at = bytes.indexOf('"price"', at + 1)) {
    bytes[at] = 0x21;
  }
  // In one step: whoever reads the folder finds the whole file.
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
  return folder;
}

for (const signal of OF_DAMAGE) {
  test(`says that the log is damaged where it dies of ${signal}`, () =>
    inTemporaryFolder(async (directory) => {
      const folder = join(directory, "default", await recorded(directory, ORDER));
      const { exitCode, stdout, stderr } = await verifiedUntil("progress", signal, folder);
      assert.is(exitCode, 1);
      assert.is(stdout, "");
      assert.is(
        stderr,
        `tidemark: The process that read the log has died: ${signal} (TIDEMARK_CORRUPTED)\n`,
      );
    }));
}

test("prints what was found before", () =>
  inTemporaryFolder(async (directory) => {
    const folder = await damagedRun(directory);
    const { exitCode, stdout, stderr } = await verifiedUntil("finding", "SIGBUS", folder);
    assert.is(exitCode, 1);
    assert.match(stdout, /^undecodable: entry 2 /);
    assert.not.match(stdout, /^run /m);
    assert.match(stderr, /^tidemark: .* has died: SIGBUS \(TIDEMARK_CORRUPTED\)\n$/);
  }));

test("reports what was found before, and its own end, as JSON", () =>
  inTemporaryFolder(async (directory) => {
    const folder = await damagedRun(directory);
    const { exitCode, stdout } = await verifiedUntil("finding", "SIGSEGV", folder, "--json");
    assert.is(exitCode, 1);
    const { findings, ...report } = JSON.parse(stdout) as VerifyReport;
    assert.equal(
      [findings.at(0)?.kind, findings.at(-1)],
      [
        "undecodable",
        { kind: "structure", reason: "The process that read the log has died: SIGSEGV" },
      ],
    );
    const { runId, status, highWatermark, isClean } = report;
    assert.is(join(directory, "default", runId), folder);
    assert.equal(
      { status, highWatermark, isClean },
      { status: "ended", highWatermark: 3, isClean: false },
    );
  }));

test("says that it could not run where it was killed and had found nothing", () =>
  inTemporaryFolder(async (directory) => {
    const folder = join(directory, "default", await recorded(directory, ORDER));
    for (const options of [[], ["--json"]]) {
      const ran = await verifiedUntil("progress", "SIGKILL", folder, ...options);
      assert.is(ran.exitCode, 2);
      assert.is(ran.stdout, "");
      assert.is(ran.stderr, "tidemark: The process that read the log has died: SIGKILL\n");
    }
  }));

test("says that the log is damaged where it was killed and had found damage", () =>
  inTemporaryFolder(async (directory) => {
    const folder = await damagedRun(directory);
    const { exitCode, stdout } = await verifiedUntil("finding", "SIGKILL", folder, "--json");
    assert.is(exitCode, 1);
    const { findings, isClean } = JSON.parse(stdout) as VerifyReport;
    assert.is(isClean, false);
    assert.not(findings.some(({ kind }) => kind === "structure"));
  }));

test("shows the stack of what went wrong in it, if asked to", () =>
  inTemporaryFolder(async (directory) => {
    const args = ["verify", join(directory, "default", "1-ab")];
    const { exitCode, stderr } = await run(args, { env: { TIDEMARK_DEBUG: "1" } });
    assert.is(exitCode, 2);
    assert.match(stderr, /\n +at .*(newestRunId|lmdbCatalog|readRun|verifyRun)/);
    assert.not.match(stderr, /verifyApart/);
  }));

test.run();
