import { PassThrough } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun, type Run } from "../../src/index.ts";
import type { EntryJson } from "../../src/cli/entryJson.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { hosted, until } from "./support/hosted.ts";
import { FILL, ORDER, recorded } from "./support/runs.ts";
import { run, valuesOf } from "./support/testContext.ts";

const test = suite("tail --last");

function appended(written: Run, topic: string): Promise<unknown> {
  return written.append({ topic, payloadType: "T", payload: "" });
}

interface Following {
  readonly ended: Promise<number>;
  /** Of what it has printed by now. */
  readonly seqs: () => number[];
}

/** Follows the entries of a topic, by default those of `a` and of the run's life. */
function following(directory: string, last: string, topic = "a"): Following {
  const stdout = new PassThrough();
  let printed = "";
  stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const address = ["--directory", directory, "--json", "--last", last];
  const topics = ["--topic", topic, ...(topic === "a" ? ["--topic", "run.*"] : [])];
  const { ended } = hosted(["tail", "-f", ...address, ...topics], stdout);
  return { ended, seqs: () => valuesOf<EntryJson>(printed).map(({ seq }) => seq) };
}

test("prints the last entries of those that are asked for, oldest first", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, FILL, ORDER, FILL);
    const seqs = async (...options: string[]): Promise<number[]> => {
      const { stdout, stderr } = await run([
        "tail",
        "--directory",
        directory,
        "--json",
        ...options,
      ]);
      assert.is(stderr, "");
      return valuesOf<EntryJson>(stdout).map(({ seq }) => seq);
    };
    assert.equal(await seqs("--last", "2"), [5, 6]);
    assert.equal(await seqs("--last", "99"), [1, 2, 3, 4, 5, 6]);
    assert.equal(await seqs("--last", "0"), []);
    assert.equal(await seqs("--last", "1", "--type", "Fill"), [5]);
    assert.equal(await seqs("--last", "3", "--topic", "exec.*"), [3, 4, 5]);
    assert.equal(await seqs("--last", "3", "--topic", "none"), []);
    assert.equal(await seqs("--last", "3", "--limit", "1"), [4]);
  }));

for (const [last, seqs] of [
  ["2", [2, 4]],
  ["9", [1, 2, 4]],
] as const) {
  test(`with -f goes on after the last ${last}`, () =>
    inTemporaryFolder(async (directory) => {
      const written = await openRun({ directory });
      for (const topic of ["a", "b", "a"]) await appended(written, topic);
      const tail = following(directory, last);
      // Before that, what is appended may be among the last.
      await until(() => tail.seqs().includes(4));
      for (const topic of ["b", "a"]) await appended(written, topic);
      await written.close();
      assert.is(await tail.ended, 0);
      assert.equal(tail.seqs(), [...seqs, 6, 7]);
    }));
}

test("with -f and 0 prints nothing but what is still to come", () =>
  inTemporaryFolder(async (directory) => {
    const written = await openRun({ directory });
    for (const topic of ["a", "a", "a"]) await appended(written, topic);
    const tail = following(directory, "0");
    await until(async () => {
      await appended(written, "a");
      return tail.seqs().length > 0;
    });
    await written.close();
    assert.is(await tail.ended, 0);
    const [first = 0, ...rest] = tail.seqs();
    assert.ok(first > 4);
    assert.equal(
      rest,
      rest.map((_, index) => first + 1 + index),
    );
    assert.is(rest.at(-1), written.watermark);
  }));

test("with -f and nothing yet waits for the first that is asked for", () =>
  inTemporaryFolder(async (directory) => {
    const written = await openRun({ directory });
    const tail = following(directory, "3", "b");
    for (const topic of ["a", "b"]) await appended(written, topic);
    await written.close();
    assert.is(await tail.ended, 0);
    assert.equal(tail.seqs(), [3]);
  }));

test("is refused together with --from", async () => {
  const { exitCode, stderr } = await run(["tail", "x/y/z", "--last", "2", "--from", "3"]);
  assert.is(exitCode, 2);
  assert.match(stderr, /--last.*TIDEMARK_INVALID_CONFIG/);
});

test("no entry of a run that is not there is an error like any other", async () => {
  for (const none of ["--limit", "--last"]) {
    const args = ["tail", "--directory", "/nonexistent-tidemark", none, "0"];
    const { exitCode, stderr } = await run(args);
    assert.is(exitCode, 2);
    assert.match(stderr, /TIDEMARK_NOT_FOUND/);
  }
});

test.run();
