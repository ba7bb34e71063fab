import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lmdbCatalog } from "../../../src/backends/lmdb/lmdbCatalog.ts";
import { manifestOf } from "./sampleFrames.ts";
import { sealedRun } from "./sampleRuns.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("listRuns of folders");

test("leaves out what began before the run that it is asked to begin with", () =>
  inTemporaryFolder(async (directory) => {
    const starts = [4n, 20n, 100n];
    for (const start of starts) await sealedRun(directory, start);
    const [, second = "", third = ""] = starts.map((start) => manifestOf(start).runId);
    const runs = await lmdbCatalog({ directory }).list("desk-1", { since: second });
    assert.equal(
      runs.map(({ manifest }) => manifest.runId),
      [second, third],
    );
  }));

test.run();
