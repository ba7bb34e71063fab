import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { firstValueFrom, toArray } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  openRun,
  readRun,
  recoverRuns,
  verifyRun,
  type EntryDraft,
  type HaltReason,
  type Run,
} from "../../../src/index.ts";
import { rejects } from "./rejection.ts";
import { inSmallDisk, type FailingDisk } from "./smallDisk.ts";
import { inTemporaryFolder } from "./temporaryFolder.ts";

const test = suite("a disk that fails");
const DRAFT = { topic: "t", payloadType: "p", payload: new Uint8Array(2_000) };
/** How long a failure may take to be a halt. */
const MAX_TOLD_AFTER_MS = 1_000;
const SMALL_DRAFT = { topic: "t", payloadType: "p", payload: new Uint8Array(20) };

async function onDisk(mib: number, step: (disk: FailingDisk) => Promise<void>): Promise<void> {
  const isDone = await inSmallDisk(mib, step);
  if (!isDone) console.log("Skipped: no disk of our own can be mounted here (it needs root)");
}

/** Appends until the run halts, and gives all that it halted with. */
async function haltsOf(run: Run, draft: EntryDraft = DRAFT): Promise<HaltReason[]> {
  const halts = firstValueFrom(run.halt$.pipe(toArray()));
  try {
    for (;;) await run.append(draft);
  } catch {
    return halts;
  }
}

test("that was full for a while harms no run that had room for its commits", async () => {
  await onDisk(40, async ({ directory, fill }) => {
    const run = await openRun({ directory });
    await run.append(DRAFT);
    const free = fill();
    for (let item = 0; item < 20; item += 1) await run.append(DRAFT);
    free();
    for (let item = 0; item < 2_000; item += 1) run.offer(DRAFT);
    await run.append(DRAFT);
    assert.is((await run.close()).status, "ended");
    assert.is((await verifyRun({ directory })).isClean, true);
  });
});

test("that is full lets a run be closed, with all that was accepted", async () => {
  await onDisk(40, async ({ directory, fill }) => {
    const run = await openRun({ directory });
    await run.append(DRAFT);
    fill();
    // More than what is kept ready in data.mdb, and less than what is kept for the end.
    for (let item = 0; item < 1_000; item += 1) assert.is(run.offer(DRAFT), true);
    const { status, highWatermark } = await run.close();
    assert.equal([status, highWatermark], ["ended", 1_003]);
    assert.is((await verifyRun({ directory })).isClean, true);
  });
});

test("that is full refuses a new run, which leaves nothing and locks nothing", async () => {
  await onDisk(40, async ({ directory, fill }) => {
    await (await openRun({ directory })).close();
    const free = fill();
    await rejects(openRun({ directory }), { code: "TIDEMARK_DISK", errno: 28 });
    free();
    const run = await openRun({ directory });
    assert.is(run.recovered.length, 0);
    assert.is((await run.close()).status, "ended");
  });
});

test("that becomes read-only halts the run once, and it can be read there", async () => {
  await onDisk(40, async ({ directory, breakDown }) => {
    const run = await openRun({ directory });
    const seq = await run.append(DRAFT);
    breakDown();
    const halts = await haltsOf(run);
    assert.equal(
      halts.map((halt) => [halt.kind, "code" in halt && halt.code, halt.lastDurableSeq]),
      [["backend-disk", 30, seq]],
    );
    await rejects(run.close(), { code: "TIDEMARK_HALTED" });
    await rejects(openRun({ directory }), { code: "TIDEMARK_LOCKED", halted: true });
    await using reader = await readRun({ directory });
    assert.is((await reader.entryAt(seq))?.seq, seq);
  });
});

test("that is read-only from the start refuses a run, and what is on it can be read", async () => {
  await onDisk(40, async ({ directory, breakDown }) => {
    const before = await openRun({ directory });
    const { highWatermark } = await before.close();
    breakDown();
    await rejects(openRun({ directory }), { code: "TIDEMARK_DISK", errno: 30 });
    assert.is((await verifyRun({ directory })).highWatermark, highWatermark);
  });
});

if (spawnSync("strace", ["-D", "true"]).status !== 0) {
  console.log("Skipped: a disk that cannot sync (there is no strace that may trace here)");
} else {
  test("that fails at a sync halts the run once, and loses nothing", async () => {
    await inTemporaryFolder(async (directory) => {
      const { run, failedAtMs } = await openFailing(directory, "fdatasync", 12);
      const [halt, ...others] = await haltsOf(run);
      const toldAfterMs = Date.now() - failedAtMs();
      assert.equal(others, []);
      checkSoon(toldAfterMs);
      assert.equal([halt?.kind, halt?.lastDurableSeq], ["backend-disk", run.watermark]);
      assert.is(halt !== undefined && "code" in halt && halt.code, 5);
      assert.ok(run.watermark > 1, "It failed before it was open");
      const report = await verifyRun({ directory });
      assert.equal(report.findings, []);
      assert.ok(report.highWatermark >= run.watermark, "An acknowledged entry is lost");
    });
  });

  test("that fails at any write of a small commit leaves a run that is recovered", async () => {
    // A commit writes its pages in two or three pieces, and then its meta page.
    for (const when of [40, 41, 42, 43]) {
      await inTemporaryFolder(async (directory) => {
        const { run, failedAtMs } = await openFailing(directory, "pwrite64", when);
        const [halt, ...others] = await haltsOf(run, SMALL_DRAFT);
        const toldAfterMs = Date.now() - failedAtMs();
        checkSoon(toldAfterMs);
        assert.equal(others, []);
        // LMDB ruins its memory while it tells of the failure (D-018), which some versions of Node survive.
        const hasDied =
          halt?.kind === "backend-error" && /ended by SIG(?:ABRT|SEGV|BUS)/.test(halt.message);
        assert.ok(halt?.kind === "backend-disk" || hasDied, JSON.stringify(halt));
        assert.ok(run.watermark > 1, "It failed before it was open");
        // The lease of a run that has halted is held as long as the process lives: not that of a copy.
        const copy = path.join(directory, "copy");
        cpSync(path.join(directory, "default"), path.join(copy, "default"), { recursive: true });
        const [recovered] = await recoverRuns({ directory: copy });
        assert.is(recovered?.status, "crashed-recovered");
        assert.ok(
          Number(recovered?.highWatermark) >= run.watermark,
          "An acknowledged entry is lost",
        );
        assert.equal((await verifyRun({ directory: copy })).findings, []);
      });
    }
  });
}

/** From the failure itself on: what came before it may have waited for the disk of the machine. */
function checkSoon(toldAfterMs: number): void {
  assert.ok(toldAfterMs < MAX_TOLD_AFTER_MS, `It was told after ${toldAfterMs} ms`);
}

/** A run whose disk fails at some call, and when that was. */
interface FailingRun {
  readonly run: Run;
  readonly failedAtMs: () => number;
}

/** Opens a run whose writer process finds that the disk fails some calls on. */
async function openFailing(directory: string, call: string, when: number): Promise<FailingRun> {
  const node = process.execPath;
  const traced = path.join(directory, "node");
  const trace = path.join(directory, "trace");
  const inject = `trace=${call} -e inject=${call}:error=EIO:when=${when}`;
  const strace = `strace -D -f -qq -ttt -o '${trace}' -e ${inject}`;
  writeFileSync(traced, `#!/bin/sh\nexec ${strace} '${node}' "$@"\n`, { mode: 0o755 });
  process.execPath = traced;
  try {
    const run = await openRun({ directory });
    return { run, failedAtMs: () => failureIn(readFileSync(trace, "utf8")) };
  } finally {
    process.execPath = node;
  }
}

/** When the first call of a trace failed by order. */
function failureIn(trace: string): number {
  const [, seconds] = /^\d+ +(\d+\.\d+) .*\(INJECTED\)$/m.exec(trace) ?? [];
  return Number(seconds) * 1_000;
}

test.run();
