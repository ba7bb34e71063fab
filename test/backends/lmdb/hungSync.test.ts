import { text } from "node:stream/consumers";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { recoverRuns, verifyRun } from "../../../src/index.ts";
import { ended, startProgram } from "./childProcess.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("a commit that hangs");

/** What programs/hangInCommit.ts says. */
interface Told {
  readonly told: readonly { readonly kind: string; readonly lostEntries: number }[];
  readonly haltedAfterMs: number;
  readonly codes: readonly string[];
  readonly settledAfterMs: number;
  readonly turns: number;
  readonly watermark: number;
}

/** Lets a writer stand still, which is what a sync looks like that does not return. */
async function hang(load: "busy" | "quiet", check: (told: Told) => void): Promise<void> {
  await inTemporaryFolder(async (directory) => {
    const child = startProgram("hangInCommit", directory, load);
    const exited = ended(child);
    if (child.stdout === null) return assert.unreachable();
    const told = JSON.parse(await text(child.stdout)) as Told;
    // It ends by itself: no handle of the dead writer keeps it.
    assert.is(await exited, 0);
    check(told);
    // Ten times in a second, had it been blocked for most of it.
    assert.ok(told.turns > told.settledAfterMs / 100, `${told.turns} turns of the event loop`);
    const [sealed] = await recoverRuns({ directory });
    assert.is(sealed?.status, "crashed-recovered");
    assert.ok((sealed?.highWatermark ?? 0) >= told.watermark, "An acknowledged entry is lost");
    assert.is((await verifyRun({ directory })).isClean, true);
  });
}

if (process.platform === "linux") {
  test("under load is a backpressure stall, by the halt threshold", async () => {
    await hang("busy", ({ told, haltedAfterMs, codes, watermark }) => {
      assert.equal(told, [{ kind: "backpressure-stall", lostEntries: 0 }]);
      assert.ok(haltedAfterMs >= 300 && haltedAfterMs < 800, `halted after ${haltedAfterMs} ms`);
      // What was accepted is tried for as long as a commit may take, and then rejects as well.
      assert.equal(codes, ["TIDEMARK_HALTED"]);
      assert.is(watermark, 2);
    });
  });

  test("with a quiet queue is a commit stall, by the commit timeout", async () => {
    await hang("quiet", ({ told, haltedAfterMs, codes, watermark }) => {
      assert.equal(told, [{ kind: "commit-stall", lostEntries: 1 }]);
      assert.ok(haltedAfterMs >= 800 && haltedAfterMs < 1_800, `halted after ${haltedAfterMs} ms`);
      assert.equal(codes, ["TIDEMARK_HALTED"]);
      assert.is(watermark, 2);
    });
  });
}

test.run();
