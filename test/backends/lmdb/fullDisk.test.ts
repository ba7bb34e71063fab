import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRun, readRun, recoverRuns, verifyRun } from "../../../src/index.ts";
import { inSmallDisk } from "./smallDisk.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("a full disk");
const MIB = 2 ** 20;
const PROGRAM = path.resolve("test/backends/lmdb/programs/appendUntilHalt.ts");
const NODE = [process.execPath, "--conditions=tidemark-source", "--import", "tsx", PROGRAM];

/** How the run of a process ended that appended until it halted. */
interface Halted {
  readonly kind: string;
  readonly code: number;
  readonly message: string;
  readonly lastDurableSeq: number;
  readonly lostEntries: number;
  readonly watermark: number;
}

function haltOf(command: readonly string[]): Halted {
  const [program = "", ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as Halted;
}

/** What was acknowledged is there and whole, and the run can be recovered. */
async function checkWhole(directory: string, { watermark }: Halted): Promise<void> {
  const report = await verifyRun({ directory });
  assert.equal([report.findings, report.highWatermark], [[], watermark]);
  await using reader = await readRun({ directory });
  assert.is((await reader.entryAt(watermark))?.seq, watermark);
  const [sealed] = await recoverRuns({ directory });
  assert.equal([sealed?.status, sealed?.highWatermark], ["crashed-recovered", watermark]);
  assert.is((await verifyRun({ directory })).isClean, true);
}

test("a full disk halts the run with ENOSPC, and loses nothing that was acknowledged", async () => {
  for (const payloadBytes of [100, 4_000]) {
    const isDone = await inSmallDisk(32, async ({ directory }) => {
      mkdirSync(directory);
      const ballast = path.join(directory, "..", "ballast");
      writeFileSync(ballast, Buffer.alloc(8 * MIB, 1), { flush: true });
      const halted = haltOf([...NODE, directory, String(payloadBytes)]);
      assert.equal([halted.kind, halted.code], ["backend-disk", 28], halted.message);
      assert.is(halted.watermark, halted.lastDurableSeq);
      const { bavail, bsize } = statfsSync(directory);
      assert.ok(bavail * bsize < MIB, "The disk was not full");
      // What is kept back for that lets a run end on the full disk.
      await checkWhole(directory, halted);
      rmSync(ballast);
      const next = await openRun({ directory });
      assert.is((await next.close()).status, "ended");
    });
    if (!isDone) return console.log("Skipped: a full disk (none can be mounted here)");
  }
});

test("a limit of file size halts the run with EFBIG, and loses nothing", async () => {
  const limit = 10 * MIB;
  if (spawnSync("prlimit", [`--fsize=${limit}`, "true"]).status !== 0) {
    return console.log("Skipped: a limit of file size (there is no prlimit here)");
  }
  await inTemporaryFolder(async (directory) => {
    const halted = haltOf(["prlimit", `--fsize=${limit}`, ...NODE, directory]);
    assert.equal([halted.kind, halted.code], ["backend-disk", 27], halted.message);
    assert.ok(halted.watermark * 256 > 5 * MIB, `${halted.watermark}`);
    await checkWhole(directory, halted);
  });
});

test.run();
