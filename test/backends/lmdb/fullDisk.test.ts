import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DATA_FILE_NAME } from "../../../src/backends/lmdb/DataFile.ts";
import { LOCK_FILE_NAME } from "../../../src/backends/lmdb/lockFile.ts";
import { RESERVE_FILE_NAME } from "../../../src/backends/lmdb/reserveFile.ts";
import { openRun, readRun, recoverRuns, verifyRun } from "../../../src/index.ts";
import { rejects } from "./rejection.ts";
import { inSmallDisk, inSmallTmpfs, type SmallDisk } from "./smallDisk.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { PACKAGE_FLAGS } from "../../support/nodeFlags.ts";

const test = suite("a full disk");
const MIB = 2 ** 20;
const PROGRAM = path.resolve("test/backends/lmdb/programs/appendUntilHalt.ts");
const NODE = [process.execPath, ...PACKAGE_FLAGS, PROGRAM];

/** How the run of a process ended that appended until it halted. */
interface Halted {
  /** How often it halted. */
  readonly reasons: number;
  readonly kind: string;
  readonly code: number;
  readonly message: string;
  readonly lastDurableSeq: number;
  readonly lostEntries: number;
  readonly watermark: number;
  readonly runId: string;
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

/** Appends to a run on a disk until that is full, and checks how it halted. */
function fillWithRun({ directory }: SmallDisk, payloadBytes: number): Halted {
  mkdirSync(directory);
  writeFileSync(ballastOf(directory), Buffer.alloc(8 * MIB, 1), { flush: true });
  const halted = haltOf([...NODE, directory, String(payloadBytes)]);
  assert.equal([halted.reasons, halted.kind, halted.code], [1, "backend-disk", 28], halted.message);
  assert.is(halted.watermark, halted.lastDurableSeq);
  const { bavail, bsize } = statfsSync(directory);
  assert.ok(bavail * bsize < MIB, "The disk was not full");
  return halted;
}

function ballastOf(directory: string): string {
  return path.join(directory, "..", "ballast");
}

for (const [name, inDisk, mib] of [
  ["disk", inSmallDisk, 32],
  ["tmpfs", inSmallTmpfs, 20],
] as const) {
  test(`a full ${name} halts the run with ENOSPC, and loses nothing that was acknowledged`, async () => {
    for (const payloadBytes of [100, 4_000]) {
      const isDone = await inDisk(mib, async (disk) => {
        const { directory } = disk;
        const halted = fillWithRun(disk, payloadBytes);
        // What is kept back for that lets a run end on the full disk.
        await checkWhole(directory, halted);
        rmSync(ballastOf(directory));
        const next = await openRun({ directory });
        assert.is((await next.close()).status, "ended");
      });
      if (!isDone) return console.log(`Skipped: a full ${name} (none can be mounted here)`);
    }
  });
}

// A copy can leave holes where there were zeros. LMDB maps the file, and on a full tmpfs it dies of them.
for (const [name, replace, code, told] of [
  ["with holes", hollow, "TIDEMARK_BACKEND", "SIGBUS"],
  ["that is gone", rmSync, "TIDEMARK_DISK", "ENOSPC"],
] as const) {
  test(`a lock file ${name} delays the recovery on a full tmpfs, and costs nothing`, async () => {
    const isDone = await inSmallTmpfs(20, async (disk) => {
      const { directory } = disk;
      const halted = fillWithRun(disk, 4_000);
      const folder = path.join(directory, "default", halted.runId);
      replace(path.join(folder, LOCK_FILE_NAME));
      rmSync(path.join(folder, RESERVE_FILE_NAME));
      // Room in the log is what the recovery would miss first.
      appendFileSync(path.join(folder, DATA_FILE_NAME), Buffer.alloc(MIB));
      const free = disk.fill();
      const { message } = await rejects(recoverRuns({ directory }), { code });
      assert.match(message, told);
      free();
      await checkWhole(directory, halted);
    });
    if (!isDone) console.log("Skipped: a full tmpfs (none can be mounted here)");
  });
}

/** Leaves a file as long as it was, without a byte on the disk. */
function hollow(file: string): void {
  const { size } = statSync(file);
  truncateSync(file, 0);
  truncateSync(file, size);
}

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
