import { createReadStream } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { ORDER, recorded } from "./support/runs.ts";
import { run, stdinOf } from "./support/testContext.ts";

const test = suite("the progress of long work");
/** A bar, or what stands in its place where nobody knows how much there is. */
const PROGRESS = /░|█|\d\/s/;

test("is drawn on standard error by the verbs that read or write a whole run", () =>
  inTemporaryFolder(async (directory) => {
    const runId = await recorded(directory, ORDER, ORDER, ORDER);
    const other = await recorded(directory, ORDER);
    const [path, otherPath] = [runId, other].map((id) => join(directory, "default", id));
    for (const args of [
      ["record", directory],
      ["record", directory, "--ack"],
      ["verify", path],
      ["export", path],
      ["stat", path],
      ["diff", path, otherPath],
    ] as string[][]) {
      const onTerminal = await run(args, { stdin: stdinOf(ORDER, ORDER), errorColumns: 100 });
      assert.match(onTerminal.stderr, PROGRESS, args.join(" "));
      const elsewhere = await run(args, { stdin: stdinOf(ORDER, ORDER) });
      assert.not.match(elsewhere.stderr, PROGRESS, args.join(" "));
    }
  }));

test("is a bar with the remaining time where what is recorded is a file", () =>
  inTemporaryFolder(async (directory) => {
    const path = join(directory, "lines");
    await writeFile(path, `${JSON.stringify(ORDER)}\n`.repeat(3));
    const record = ["record", join(directory, "runs")];
    const file = await open(path);
    // As Node makes standard input of a file.
    const stdin = createReadStream("", { fd: file.fd, autoClose: false });
    const { exitCode, stderr } = await run(record, { stdin, errorColumns: 120 });
    await file.close();
    assert.is(exitCode, 0, stderr);
    assert.match(stderr, /█+ 100 % · 3 entries · \d+\/s · watermark \d · \S+ left/);
    const piped = await run(record, { stdin: stdinOf(ORDER), errorColumns: 120 });
    assert.match(piped.stderr, /1 entries · \d+\/s/);
    assert.not.match(piped.stderr, /█|left/);
  }));

test("is a bar while runs are recovered", () =>
  inTemporaryFolder(async (directory) => {
    const left = await openRun({ directory });
    await left.append({ topic: "t", payloadType: "T", payload: "" });
    await left.abandon();
    const { stderr } = await run(["recover", directory], { errorColumns: 120 });
    assert.match(stderr, /█+ 100 % · 2 of 2 entries · \d+\/s · \S+ left · /);
    assert.match(stderr, left.runId);
    assert.is((await run(["recover", directory])).stderr, "");
  }));

test("stands between no rows that are printed on the same terminal", () =>
  inTemporaryFolder(async (directory) => {
    await recorded(directory, ORDER, ORDER);
    for (const args of [
      ["record", directory, "--ack"],
      ["export", "--directory", directory],
    ]) {
      const terminals = { columns: 100, errorColumns: 100, stdin: stdinOf(ORDER) };
      assert.not.match((await run(args, terminals)).stderr, PROGRESS, args.join(" "));
    }
  }));

test.run();
