import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun, type RunSummary } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { ORDER, recorded } from "./support/runs.ts";
import { run, stdinOf } from "./support/testContext.ts";

const test = suite("ls");

test("ls lists the runs of all instances, oldest first", () =>
  inTemporaryFolder(async (directory) => {
    const first = await recorded(directory, ORDER);
    await run(["record", directory, "--instance", "desk-1"], { stdin: stdinOf(ORDER) });
    const live = await openRun({ directory });
    const { stdout } = await run(["ls", directory]);
    const [header, ...rows] = stdout.trimEnd().split("\n");
    assert.match(
      header ?? "",
      /^instance +run +status +live +watermark +entries +size +anchor +parent$/,
    );
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

test("ls tells the last snapshot anchor, and of a log that cannot be opened", () =>
  inTemporaryFolder(async (directory) => {
    const anchored = await openRun({ directory });
    const anchor = await anchored.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    await anchored.close();
    const damaged = await recorded(directory, ORDER);
    await truncate(join(directory, "default", damaged, "data.mdb"), 100);
    const { exitCode, stdout } = await run(["ls", directory]);
    assert.is(exitCode, 0);
    const [, first, second] = stdout.split("\n");
    assert.match(first ?? "", new RegExp(`^default +${anchored.runId} .*iB +1 +-$`));
    assert.match(second ?? "", new RegExp(`^default +${damaged} +ended .* - +- +\\S.+`));
    const summaries = JSON.parse((await run(["ls", directory, "--json"])).stdout) as object[];
    assert.equal(
      summaries.map((one) => Object.hasOwn(one, "problem")),
      [false, true],
    );
    assert.equal((summaries[0] as { lastAnchor: object }).lastAnchor, anchor);
  }));

test("ls tells of a sealed log that was cut in the middle", () =>
  inTemporaryFolder(async (directory) => {
    const written = await openRun({ directory });
    for (let item = 0; item < 300; item += 1) {
      assert.ok(written.offer({ topic: "t", payloadType: "T", payload: "x".repeat(200) }));
    }
    await written.close();
    const path = join(directory, "default", written.runId, "data.mdb");
    const whole = await readFile(path);
    // Where the way to the last row is whole, only the lost pages tell: so it is cut at each page.
    for (let end = whole.length - 4_096; end >= 8_192; end -= 4_096) {
      await writeFile(path, whole.subarray(0, end));
      const [summary] = JSON.parse((await run(["ls", directory, "--json"])).stdout) as RunSummary[];
      assert.match(summary?.problem ?? "", /data\.mdb: .*the end of the file/, `cut at ${end}`);
    }
    await writeFile(path, whole);
    assert.not.match((await run(["ls", directory])).stdout, /problem/);
  }));

test("ls shows no anchor out of the file of another run", () =>
  inTemporaryFolder(async (directory) => {
    const anchored = await openRun({ directory });
    await anchored.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    await anchored.close();
    const other = await recorded(directory, ORDER);
    const [from, to] = [anchored.runId, other].map((id) =>
      join(directory, "default", id, "data.mdb"),
    );
    await copyFile(String(from), String(to));
    const [, , second] = (await run(["ls", directory])).stdout.split("\n");
    assert.match(second ?? "", new RegExp(`^default +${other} +ended .* - +\\S+ .*is not that of`));
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

test("ls shows all of each id on a terminal of 20 columns", () =>
  inTemporaryFolder(async (directory) => {
    const ids = [await recorded(directory, ORDER), await recorded(directory, ORDER)];
    const { stdout } = await run(["ls", directory], { columns: 20, env: { NO_COLOR: "1" } });
    const lines = stdout.split("\n");
    assert.ok(lines.every((line) => line.length <= 20));
    const values = lines.map((line) => line.slice("watermark".length).trim()).join("");
    for (const id of ids) assert.ok(values.includes(id), stdout);
  }));

test("ls keeps to one instance, which has to be there", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER);
    await run(["record", directory, "--instance", "desk-1"], { stdin: stdinOf(ORDER) });
    const { exitCode, stdout } = await run(["ls", directory, "--instance", "desk-1", "--json"]);
    assert.is(exitCode, 0);
    const [summary, ...others] = JSON.parse(stdout) as RunSummary[];
    assert.is(summary?.manifest.instanceId, "desk-1");
    assert.equal(others, []);
    for (const [instance, code] of [
      ["desk-2", "NOT_FOUND"],
      ["../x", "INVALID_CONFIG"],
    ] as const) {
      const wrong = await run(["ls", directory, "--instance", instance]);
      assert.is(wrong.exitCode, 2);
      assert.match(wrong.stderr, `TIDEMARK_${code}`);
    }
  }));

test.run();
