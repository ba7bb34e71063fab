import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { firstValueFrom, lastValueFrom, tap } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { openRun, type Run } from "../../../src/index.ts";
import { openWriterProcess } from "../../../src/backends/lmdb/openWriterProcess.ts";
import type { DiskError, LockedError } from "../../../src/model/errors.ts";
import type { HaltReason } from "../../../src/model/halt.ts";
import { failureOf } from "../../streams/support/failureOf.ts";
import { ended, startProgram } from "./childProcess.ts";
import { rejects } from "./rejection.ts";
import { frameOf } from "./sampleFrames.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";
import { eventually, isAlive, isGone } from "../../support/processes.ts";
import { writerPids } from "../../support/writerPids.ts";
import { PACKAGE_FLAGS } from "../../support/nodeFlags.ts";

const test = suite("the writer process of a run");
const DRAFT = { topic: "t", payloadType: "p", payload: "x" };
/** Lets every line for checkpoints.log fail, but for its first, as a disk does. */
const FAILING_CHECKPOINTS = `data:text/javascript,${encodeURIComponent(`
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const { writeSync } = fs;
  fs.writeSync = (file, bytes, ...rest) => {
    const isCheckpoint = /^[0-9]+ [0-9]+ [0-9a-f]{64}/u.test(Buffer.from(bytes).toString("latin1"));
    if (isCheckpoint) throw Object.assign(new Error("EIO: i/o error, write"), { errno: -5 });
    return writeSync(file, bytes, ...rest);
  };
  syncBuiltinESMExports();
`).replaceAll("'", "%27")}`;

/** Takes a step while what is started as Node has a module preloaded. */
async function withPreloaded<T>(
  folder: string,
  preload: string,
  step: () => Promise<T>,
): Promise<T> {
  const { execPath } = process;
  const node = join(folder, "node");
  await writeFile(node, `#!/bin/sh\nexec '${execPath}' --import '${preload}' "$@"\n`, {
    mode: 0o755,
  });
  process.execPath = node;
  return step().finally(() => (process.execPath = execPath));
}

/** Opens a run and finds the process that writes it. */
async function openedRun(
  directory: string,
  writer: { readonly commitTimeoutMs?: number } = {},
): Promise<{ run: Run; pid: number }> {
  const before = new Set(writerPids());
  const run = await openRun({ directory, writer });
  const pid = writerPids().find((writer) => !before.has(writer));
  assert.ok(pid, "there is no writer process");
  return { run, pid };
}

/** The session and the process group of a process, as the kernel tells them. */
async function sessionOf(pid: number): Promise<readonly number[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [Number(session), Number(group)];
}

if (process.platform === "linux") {
  test("lives in a session of its own, and no signal to end it does", async () => {
    await inTemporaryFolder(async (folder) => {
      const { run, pid } = await openedRun(join(folder, "runs"));
      assert.equal(await sessionOf(pid), [pid, pid]);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.kill(pid, signal);
        await run.append(DRAFT);
      }
      await run.close();
      await isGone(pid);
    });
  });

  test("that is killed while it has nothing to do halts its run at once", async () => {
    await inTemporaryFolder(async (folder) => {
      const { run, pid } = await openedRun(join(folder, "runs"));
      const accepted = await run.append(DRAFT);
      const reasons: HaltReason[] = [];
      const over = lastValueFrom(run.halt$.pipe(tap((reason) => reasons.push(reason))));
      // What a run waits for keeps no process running.
      const running = setInterval(() => {}, 60_000);
      process.kill(pid, "SIGKILL");
      await over.finally(() => clearInterval(running));
      const [reason] = reasons;
      assert.is(reasons.length, 1);
      assert.equal(
        [reason?.kind, reason?.lastDurableSeq, reason?.lostEntries],
        ["backend-error", accepted, 0],
      );
      assert.match(String((reason as { message?: unknown }).message), "SIGKILL");
      assert.is(run.offer(DRAFT), false);
      await run.abandon();
    });
  });

  test("whose disk fails between two commits says so unasked", async () => {
    await inTemporaryFolder(async (folder) => {
      const { process: writer } = await withPreloaded(folder, FAILING_CHECKPOINTS, () =>
        openWriterProcess({ folder, mode: "create", runId: "1-00000000" }, () => {}),
      );
      // As many entries as are committed without a checkpoint: it is acknowledged before that fails.
      const frames = [frameOf(1, 10_000, { payload: Buffer.alloc(8) }).bytes];
      const { toSeq } = await writer.request({ type: "append", frames });
      assert.is(toSeq, 10_000);
      await eventually(() => writer.failure !== undefined, "nobody was told");
      assert.equal(
        [writer.failure?.code, (writer.failure as DiskError).errno],
        ["TIDEMARK_DISK", 5],
      );
      assert.ok(await writer.gone());
    });
  });

  test("that is killed in an append halts its run once, and costs nothing that was told", async () => {
    await inTemporaryFolder(async (folder) => {
      const directory = join(folder, "runs");
      const program = resolve("test/backends/lmdb/programs/loseWriter.ts");
      const printed = execFileSync(process.execPath, [...PACKAGE_FLAGS, program, directory], {
        encoding: "utf8",
        timeout: 30_000,
      });
      const halted = "TIDEMARK_HALTED";
      assert.equal(JSON.parse(printed), {
        halts: ["backend-error at 2"],
        codes: [halted, halted, halted],
        locked: "TIDEMARK_LOCKED",
        watermark: 2,
      });
      const next = await openRun({ directory });
      const [recovered] = next.recovered;
      assert.is(recovered?.status, "crashed-recovered");
      assert.ok((recovered?.highWatermark ?? 0) >= 2);
      await next.close();
      assert.equal(writerPids(), []);
    });
  });

  test("that is killed with two appends out halts its run once, and counts both as lost", async () => {
    await inTemporaryFolder(async (folder) => {
      const directory = join(folder, "runs");
      const program = resolve("test/backends/lmdb/programs/loseFlooded.ts");
      const printed = execFileSync(process.execPath, [...PACKAGE_FLAGS, program, directory], {
        encoding: "utf8",
        timeout: 30_000,
      });
      assert.equal(JSON.parse(printed), {
        told: ["backend-error at 2, 0 miscounted"],
        resolved: 0,
        failed: 8_000,
        watermark: 2,
      });
    });
  });

  test("that stands still is a commit-stall, and is killed", async () => {
    await inTemporaryFolder(async (folder) => {
      const directory = join(folder, "runs");
      const { run, pid } = await openedRun(directory, { commitTimeoutMs: 200 });
      process.kill(pid, "SIGSTOP");
      const halted = firstValueFrom(run.halt$);
      const failure = await failureOf(run.append(DRAFT));
      assert.is(failure.code, "TIDEMARK_HALTED");
      const reason = await halted;
      assert.is(reason.kind, "commit-stall");
      assert.is(reason.lastDurableSeq, 1);
      await isGone(pid);
      const locked = (await failureOf(openRun({ directory }))) as LockedError;
      assert.ok(locked.halted);
    });
  });

  test("ends by itself when the process that started it is killed", async () => {
    await inTemporaryFolder(async (folder) => {
      const directory = join(folder, "runs");
      const child = startProgram("holdRun", directory);
      const pid = await new Promise<number>((resolve) => {
        child.stdout?.once("data", (chunk) => resolve(Number(chunk)));
      });
      assert.ok(isAlive(pid), `no process ${pid}`);
      child.kill("SIGKILL");
      assert.is(await ended(child), "SIGKILL");
      await isGone(pid);
      const next = await openRun({ directory });
      assert.is(next.recovered[0]?.status, "crashed-recovered");
      await next.close();
    });
  });

  test("that dies while it opens a run leaves the lease free, and the run alone", async () => {
    await inTemporaryFolder(async (folder) => {
      const directory = join(folder, "runs");
      const { run } = await openedRun(directory);
      await run.abandon();
      // What an open that fails inside LMDB does to the process that it is in.
      const crashing = join(folder, "crashing");
      await writeFile(crashing, "#!/bin/sh\nkill -SEGV $$\n", { mode: 0o700 });
      const { execPath } = process;
      process.execPath = crashing;
      try {
        for (let turn = 0; turn < 2; turn += 1) {
          const failure = await failureOf(openRun({ directory }));
          assert.is(failure.code, "TIDEMARK_BACKEND");
          assert.match(failure.message, /SIGSEGV/);
        }
      } finally {
        process.execPath = execPath;
      }
      const next = await openRun({ directory });
      assert.equal(
        next.recovered.map(({ status, highWatermark }) => [status, highWatermark]),
        [["crashed-recovered", 1]],
      );
      await next.close();
    });
  });

  test("remembers the last head of a log that has fallen idle", async () => {
    await inTemporaryFolder(async (folder) => {
      const directory = join(folder, "runs");
      const { run } = await openedRun(directory);
      await run.append(DRAFT);
      const file = join(directory, "default", run.runId, "checkpoints.log");
      const remembered = (): boolean => readFileSync(file, "latin1").includes("\n2 1 ");
      assert.not(remembered());
      await eventually(remembered, "the head of seq 2 was not remembered");
      await run.close();
    });
  });
}

test("that cannot be started is an error of the opening, and the next one works", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = join(folder, "runs");
    const { execPath } = process;
    process.execPath = join(folder, "nonexistent");
    try {
      await rejects(openRun({ directory }), { code: "TIDEMARK_BACKEND", errno: 2 });
    } finally {
      process.execPath = execPath;
    }
    const run = await openRun({ directory });
    assert.equal(run.recovered, []);
    await run.close();
  });
});

test("works where the working directory is gone, and whatever NODE_OPTIONS says", async () => {
  await inTemporaryFolder(async (folder) => {
    const directory = join(folder, "runs");
    const [before, options] = [process.cwd(), process.env["NODE_OPTIONS"]];
    const gone = join(folder, "gone");
    await mkdir(gone);
    process.chdir(gone);
    await rm(gone, { recursive: true });
    process.env["NODE_OPTIONS"] = "--require /nonexistent.cjs";
    try {
      const run = await openRun({ directory });
      await run.append(DRAFT);
      assert.is((await run.close()).highWatermark, 3);
    } finally {
      process.chdir(before);
      if (options === undefined) delete process.env["NODE_OPTIONS"];
      else process.env["NODE_OPTIONS"] = options;
    }
  });
});

test.run();
