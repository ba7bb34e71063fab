import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listRuns, openRun, type RunManifest } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { ORDER, recorded } from "./support/runs.ts";
import { run } from "./support/testContext.ts";

const test = suite("recover");

/** Leaves a run behind that nobody closed, and gives its id. */
async function crashed(directory: string, instanceId: string): Promise<string> {
  const left = await openRun({ directory, instanceId });
  await left.append({ topic: "t", payloadType: "T", payload: "" });
  await left.abandon();
  return left.runId;
}

test("recover seals what crashed in all instances, or in one, and prints what it was", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER);
    const [first, second] = [
      await crashed(directory, "desk-1"),
      await crashed(directory, "desk-2"),
    ];
    const one = await run(["recover", directory, "--instance", "desk-2"]);
    assert.is(one.exitCode, 0, one.stderr);
    assert.match(one.stdout, /^instance +run +status +watermark\n/);
    assert.match(one.stdout, new RegExp(`\ndesk-2 +${second} +crashed-recovered +2\n$`));
    const all = await run(["recover", directory, "--json"]);
    assert.is(all.exitCode, 0);
    const manifests = JSON.parse(all.stdout) as RunManifest[];
    assert.equal(
      manifests.map(({ runId, status, highWatermark }) => [runId, status, highWatermark]),
      [[first, "crashed-recovered", 2]],
    );
    const statuses = (await listRuns({ directory })).map(({ manifest }) => manifest.status);
    assert.equal(statuses, ["ended", "crashed-recovered", "crashed-recovered"]);
  }));

test("recover says so where there is nothing to do", () =>
  inTemporaryFolder(async (directory) => {
    assert.equal(await run(["recover", directory]), {
      exitCode: 0,
      stdout: "nothing to recover\n",
      stderr: "",
    });
    assert.is((await run(["recover", directory, "--json"])).stdout, "[]\n");
    // Nothing is made by the way.
    assert.equal(await listRuns({ directory }), []);
  }));

test("recover leaves a run alone that somebody writes", () =>
  inTemporaryFolder(async (directory) => {
    const left = await crashed(directory, "desk-1");
    const live = await openRun({ directory });
    const { exitCode, stdout, stderr } = await run(["recover", directory, "--json"]);
    assert.is(exitCode, 0);
    assert.match(stderr, /^tidemark: .*TIDEMARK_LOCKED.*\n$/);
    const manifests = JSON.parse(stdout) as RunManifest[];
    assert.equal(
      manifests.map(({ runId }) => runId),
      [left],
    );
    await live.close();
  }));

test("recover tells who holds an instance that it leaves alone", () =>
  inTemporaryFolder(async (directory) => {
    const live = await openRun({ directory, instanceId: "desk-1" });
    const told = new RegExp(`^tidemark: .*desk-1.* pid ${process.pid}.*TIDEMARK_LOCKED.*\n$`);
    const all = await run(["recover", directory]);
    assert.equal([all.exitCode, all.stdout], [0, ""]);
    assert.match(all.stderr, told);
    const one = await run(["recover", directory, "--instance", "desk-1"]);
    assert.equal([one.exitCode, one.stdout], [2, ""]);
    assert.match(one.stderr, told);
    await live.close();
  }));

test("recover exits with 1 where a run is damaged, and has sealed the others too", () =>
  inTemporaryFolder(async (directory) => {
    const damaged = await crashed(directory, "desk-1");
    await crashed(directory, "desk-2");
    await truncate(join(directory, "desk-1", damaged, "data.mdb"), 4_096);
    const { exitCode, stdout } = await run(["recover", directory]);
    assert.is(exitCode, 1);
    assert.match(stdout, /\ndesk-1 +\S+ +quarantined +0\n/);
    assert.match(stdout, /\ndesk-2 +\S+ +crashed-recovered +2\n/);
  }));

test("recover exits with 2 where it cannot run", () =>
  inTemporaryFolder(async (directory) => {
    const missing = await run(["recover", join(directory, "none")]);
    assert.is(missing.exitCode, 2);
    assert.match(missing.stderr, /TIDEMARK_NOT_FOUND/);
    assert.is((await run(["recover"])).exitCode, 2);
    const mistyped = await run(["recover", directory, "--instance", "none"]);
    assert.is(mistyped.exitCode, 2);
    assert.match(mistyped.stderr, /instance none .*TIDEMARK_NOT_FOUND/);
    assert.equal(await readdir(directory), []);
    const invalid = await run(["recover", directory, "--instance", "../x"]);
    assert.is(invalid.exitCode, 2);
    assert.match(invalid.stderr, /TIDEMARK_INVALID_CONFIG/);
  }));

test.run();
