import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EntryJson } from "../../src/cli/entryJson.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { FILL, hasControls, ORDER, recorded } from "./support/runs.ts";
import { run, valuesOf } from "./support/testContext.ts";

const test = suite("tail");

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
      assert.not.ok(hasControls(stdout));
      for (const line of stdout.split("\n")) assert.ok(line.length <= columns);
    }
  }));

test.run();
