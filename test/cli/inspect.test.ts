import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EntryJson } from "../../src/cli/entryJson.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { CORRELATION, FILL, ORDER, recorded } from "./support/runs.ts";
import { run, valuesOf } from "./support/testContext.ts";

const test = suite("inspect");

test("inspect prints an entry whole", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL);
    const { stdout, exitCode } = await run(["inspect", "--directory", directory, "2"]);
    assert.is(exitCode, 0);
    assert.match(stdout, /2024-05-08T00:00:00\.000000001Z \(1715126400000000001\)/);
    assert.match(stdout, new RegExp(CORRELATION));
    assert.match(stdout, /clientOrderId=O-19/);
    assert.match(stdout, /hash +[0-9a-f]{64}\n/);
    assert.match(stdout, /\{\n {2}"price": 5155\.50\n\}\n$/);
    const binary = await run(["inspect", "--directory", directory, "3"]);
    assert.match(binary.stdout, /00000000 {2}ff ef .*\|\.\.\|\n$/);
  }));

test("inspect finds entries by key and by correlation id", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL, { ...FILL, indexKeys: [] });
    const found = async (...how: string[]): Promise<number[]> => {
      const { stdout } = await run(["inspect", "--directory", directory, "--json", ...how]);
      return valuesOf<EntryJson>(stdout).map(({ seq }) => seq);
    };
    assert.equal(await found("--key", "clientOrderId=O-19"), [2, 3]);
    assert.equal(await found("--correlation", CORRELATION.toUpperCase()), [2]);
    assert.equal(await found("4"), [4]);
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

test("inspect --json prints the form of an entry that every verb prints", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER);
    const at = ["--directory", directory, "--json"];
    const { stdout } = await run(["inspect", ...at, "2"]);
    assert.is(stdout, (await run(["tail", ...at, "--from", "2", "--limit", "1"])).stdout);
  }));

test("inspect ends with 1 at an entry whose hash does not hold", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER);
    const file = join(directory, "default", runId, "data.mdb");
    const bytes = await readFile(file);
    bytes[bytes.indexOf("5155.50")] = 0x36;
    await writeFile(file, bytes);
    const { exitCode, stdout, stderr } = await run(["inspect", "--directory", directory, "2"]);
    assert.is(exitCode, 1);
    assert.is(stdout, "");
    assert.match(stderr, /TIDEMARK_(?:HASH_MISMATCH|CORRUPTED)/);
  }));

test.run();
