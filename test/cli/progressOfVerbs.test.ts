import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
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
