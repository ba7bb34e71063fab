import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listRuns, openRun, verifyRun } from "../../src/index.ts";
import { inTemporaryFolder } from "../backends/lmdb/temporaryFolder.ts";
import { PACKAGE_FLAGS } from "../support/nodeFlags.ts";

const test = suite("recovery that is cut short");
const COMMITS = 3;
/** `RunStarted` and what the commits brought. */
const WATERMARK = 1 + 50 * COMMITS;

const leftRun = leaveRun();

function programOf(name: string): string {
  return path.resolve("test/runs/programs", `${name}.ts`);
}

/** Leaves a run behind, once for all tests: each gets a copy. */
async function leaveRun(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "tidemark-"));
  const args = [...PACKAGE_FLAGS, programOf("leaveRun"), directory, String(COMMITS)];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.is(signal, "SIGKILL", stderr);
  return directory;
}

/** A directory with a run that was left behind by a process that was killed, and the run's folder. */
async function withLeftRun(
  step: (directory: string, folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (directory) => {
    await cp(await leftRun, directory, { recursive: true });
    const [runId = ""] = await readdir(path.join(directory, "default"));
    await step(directory, path.join(directory, "default", runId));
  });
}

function startRecovery(directory: string): ChildProcess {
  const args = [...PACKAGE_FLAGS, programOf("recoverRuns"), directory];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

/** What a recovery printed in the end, undefined where it was killed before. */
async function outcomeOf(child: ChildProcess): Promise<unknown> {
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}

const RECOVERED = [["crashed-recovered", WATERMARK]];

/** The end that every way leads to: what is left to recover is, by who opens the next run. */
async function checkEnd(directory: string, isRecovered: boolean): Promise<void> {
  const next = await openRun({ directory });
  const recovered = next.recovered.map(({ status, highWatermark }) => [status, highWatermark]);
  assert.equal(recovered, isRecovered ? [] : RECOVERED);
  const [left] = await listRuns({ directory });
  assert.is(left?.manifest.status, "crashed-recovered");
  assert.is(next.manifest.parentRunId, left?.manifest.runId);
  assert.equal((await verifyRun({ directory, runId: left?.manifest.runId ?? "" })).findings, []);
  await next.close();
}

test("two recoveries at once end as one does", () =>
  withLeftRun(async (directory) => {
    const outcomes = await Promise.all([1, 2].map(() => outcomeOf(startRecovery(directory))));
    // Whoever comes too late finds the lease held, or nothing to do.
    const [last, first] = outcomes.toSorted((a, b) => String(a).length - String(b).length);
    assert.equal([first, last], [RECOVERED, []]);
    await checkEnd(directory, true);
  }));

/** Where a recovery is killed: at a call on a file of the run, in the process that makes it. */
type Point = readonly [file: string, call: string, nth: number];
const POINTS: readonly Point[] = [
  // The first transaction of the writer, up to its meta page.
  ["data.mdb", "pwrite64", 1],
  ["data.mdb", "fdatasync", 1],
  ["data.mdb", "pwrite64", 4],
  // The seal: by the writer, then by who asked for it.
  ["checkpoints.log", "write", 1],
  ["manifest.json.tmp", "rename", 1],
];

/** Recovers until that call is made, and gives what was printed, if anything was. */
function killAt([directory, folder]: readonly [string, string], [file, call, nth]: Point): string {
  const injection = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${nth}`];
  const strace = ["-f", "-qq", "-o", "/dev/null", "-P", path.join(folder, file), ...injection];
  const program = [process.execPath, ...PACKAGE_FLAGS, programOf("recoverRuns"), directory];
  const { stdout, stderr } = spawnSync("strace", [...strace, ...program], {
    encoding: "utf8",
    // One thread for all files: `when` counts for each.
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
  });
  assert.not.match(stderr, /strace:/);
  return stdout.trim();
}

if (spawnSync("strace", ["--version"]).status !== 0) {
  console.log("Skipped: a recovery that is killed (there is no strace here)");
} else {
  for (const point of POINTS) {
    test(`a recovery that is killed at ${point.join(" ")} is done again`, () =>
      withLeftRun(async (directory, folder) => {
        const said = killAt([directory, folder], point);
        // Where the writer is killed, the one who asked for it is told.
        assert.ok(said === "" || said === '"TIDEMARK_BACKEND"', said);
        await checkEnd(directory, false);
      }));
  }

  test("a recovery that is killed again and again is done in the end", () =>
    withLeftRun(async (directory, folder) => {
      for (const point of [POINTS[0], POINTS.at(-1)]) killAt([directory, folder], point as Point);
      await checkEnd(directory, false);
    }));
}

test.after(async () => {
  await rm(await leftRun, { recursive: true, force: true });
});

test.run();
