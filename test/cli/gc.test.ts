import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listRuns, openRun } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { run } from "./support/testContext.ts";

const test = suite("gc");

interface Report {
  readonly isApplied: boolean;
  readonly candidates?: readonly { readonly manifest: { readonly runId: string } }[];
  readonly removed?: readonly { readonly manifest: { readonly runId: string } }[];
  readonly bytes: number;
  readonly kept: readonly { readonly reason: string }[];
}

/** A bare run, and one with a snapshot; gives the id of the first. */
async function twoRuns(directory: string): Promise<string> {
  const first = await openRun({ directory });
  await first.close();
  const second = await openRun({ directory });
  await second.recordSnapshotAnchor({ blobRef: "b", contentHash: "h" });
  await second.close();
  return first.runId;
}

async function idsIn(directory: string): Promise<readonly string[]> {
  return (await listRuns({ directory })).map(({ manifest }) => manifest.runId);
}

test("gc tells what can go and why the rest stays, and removes it only when told to", () =>
  inTemporaryFolder(async (directory) => {
    const first = await twoRuns(directory);
    const dry = await run(["gc", directory, "--keep-last", "1"]);
    assert.is(dry.exitCode, 0, dry.stderr);
    assert.match(dry.stdout, /^instance +run +status +size +stays\n/);
    assert.match(dry.stdout, new RegExp(`\ndefault +${first} +ended +\\S+ \\S+ +no\n`));
    assert.match(
      dry.stdout,
      / newest with a snapshot\n\ncan go: 1 run, .* \(--apply removes them\)\n$/,
    );
    const planned = await run(["gc", directory, "--snapshot-anchored", "--json"]);
    const plan = JSON.parse(planned.stdout) as Report;
    assert.equal(
      plan.candidates?.map(({ manifest }) => manifest.runId),
      [first],
    );
    assert.ok(plan.bytes > 0);
    assert.is((await idsIn(directory)).length, 2);

    const done = await run(["gc", directory, "--keep-last", "0", "--apply", "--json"]);
    assert.is(done.exitCode, 0, done.stderr);
    const { isApplied, removed, kept } = JSON.parse(done.stdout) as Report;
    assert.equal([isApplied, removed?.length], [true, 1]);
    assert.equal(
      kept.map(({ reason }) => reason),
      ["restore-point"],
    );
    assert.not((await idsIn(directory)).includes(first));
    const again = await run(["gc", directory, "--keep-last", "0", "--apply"]);
    assert.match(again.stdout, /\nremoved: 0 runs, 0 B\n$/);
  }));

test("gc tells what it has removed where it fails half-way", () =>
  inTemporaryFolder(async (directory) => {
    await (await openRun({ directory })).close();
    const second = await twoRuns(directory);
    const args = ["gc", directory, "--keep-last", "0", "--apply"];
    const text = await withRemovals(1, () => run(args));
    assert.match(text.stderr, "TIDEMARK_DISK");
    assert.is(text.stdout, `removed default/${second}\n`);
    const json = await withRemovals(0, () => run([...args, "--json"]));
    assert.match(json.stderr, "TIDEMARK_DISK");
    assert.equal(JSON.parse(json.stdout), { isApplied: false, removed: [], bytes: 0 });
    assert.equal([text.exitCode, json.exitCode], [2, 2]);
    assert.is((await idsIn(directory)).length, 2);
  }));

/** The disk lets some runs go and then no more. */
async function withRemovals<Result>(runs: number, step: () => Promise<Result>): Promise<Result> {
  const { rename } = fs;
  let removed = 0;
  fs.rename = async (from, to) => {
    if (path.basename(String(to)).startsWith(".removed-")) {
      if (removed === runs) throw Object.assign(new Error("EIO"), { code: "EIO", errno: -5 });
      removed += 1;
    }
    await rename(from, to);
  };
  syncBuiltinESMExports();
  try {
    return await step();
  } finally {
    fs.rename = rename;
    syncBuiltinESMExports();
  }
}

test("gc exits with 2 where an instance is written, and removes nothing of it", () =>
  inTemporaryFolder(async (directory) => {
    await twoRuns(directory);
    const live = await openRun({ directory });
    const { exitCode, stdout } = await run(["gc", directory, "--snapshot-anchored", "--apply"]);
    assert.is(exitCode, 2);
    assert.match(stdout, / somebody writes the instance\n/);
    assert.is((await idsIn(directory)).length, 3);
    await live.abandon();
  }));

test("gc exits with 2 where it is not told what to keep, or what cannot be", () =>
  inTemporaryFolder(async (directory) => {
    for (const args of [
      [],
      ["--keep-last", "1", "--snapshot-anchored"],
      ["--keep-last", "-1"],
      ["--keep-last", "many"],
      ["--keep-last", "1", "--instance", "../x"],
    ]) {
      const { exitCode, stdout, stderr } = await run(["gc", directory, ...args]);
      assert.equal([exitCode, stdout], [2, ""], args.join(" "));
      assert.match(stderr, /TIDEMARK_INVALID_CONFIG/);
    }
    const empty = await run(["gc", directory, "--keep-last", "1"]);
    assert.equal([empty.exitCode, empty.stdout], [0, "no runs\n"]);
    const missing = await run(["gc", `${directory}/none`, "--keep-last", "1"]);
    assert.is(missing.exitCode, 2);
  }));

test("gc exits with 2 for an instance that is not there", () =>
  inTemporaryFolder(async (directory) => {
    await twoRuns(directory);
    const options = ["--keep-last", "1", "--instance", "defualt"];
    const { exitCode, stderr } = await run(["gc", directory, ...options]);
    assert.is(exitCode, 2);
    assert.match(stderr, /TIDEMARK_NOT_FOUND/);
  }));

test.run();
