import { asyncScheduler, lastValueFrom } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FORMAT_VERSION } from "../../src/format/formatVersion.ts";
import { BackendError, type HaltedError, type InvalidEntryError } from "../../src/model/errors.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { countingScheduler } from "../support/countingScheduler.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf, outcomeOf } from "./support/failureOf.ts";
import { ScriptedBackend, storedRun } from "./support/scriptedBackend.ts";
import { watched } from "./support/watched.ts";

const test = suite("close");

test("commits what was submitted, ends with RunEnded, and seals: 5 drafts give watermark 6", async () => {
  const run = memoryRun();
  const read: string[] = [];
  run.halt$.subscribe(() => assert.unreachable("halted"));
  run.entries$({ live: true }).subscribe(({ topic, payloadType, payload, seq }) => {
    read.push(`${seq} ${topic} ${payloadType} ${payload.length}`);
  });
  for (let item = 1; item <= 5; item += 1) void run.submit(draftOf(item));
  const manifest = await run.close();
  assert.equal(
    { ...manifest, runId: "", startTsInit: 0n, endTsInit: 0n },
    {
      formatVersion: FORMAT_VERSION,
      runId: "",
      instanceId: "default",
      identity: {},
      startTsInit: 0n,
      endTsInit: 0n,
      highWatermark: 6,
      status: "ended",
    },
  );
  assert.is(run.manifest, manifest);
  assert.is(read.length, 6);
  assert.is(read.at(-1), "6 run.lifecycle.RunEnded RunEnded 0");
});

test("seals with the largest tsInit of all entries, whatever their order", async () => {
  const stored = storedRun();
  const backend = new ScriptedBackend(stored);
  const writer = openWriter(backend);
  for (const tsInit of [500n, 100n, 700n]) writer.offer({ ...draftOf(1), tsInit });
  const closed = writer.close({ ...draftOf("end"), tsInit: 9_999n });
  for (let step = 0; step < 4; step += 1) {
    backend.answer();
    await outcomeOf(closed);
  }
  const { status, highWatermark, endTsInit } = await closed;
  assert.equal([status, highWatermark, endTsInit], ["ended", 4, 9_999n]);
});

test("is idempotent: the same promise, before and after", async () => {
  const run = memoryRun({ commitMs: 1 });
  const closed = run.close();
  assert.is(run.close(), closed);
  await closed;
  assert.is(run.close(), closed);
  assert.is((await closed).highWatermark, 1);
});

test("takes nothing from the moment it is called", async () => {
  const run = memoryRun({ commitMs: 1 });
  const closed = run.close();
  assert.is(run.offer(draftOf(1)), false);
  assert.is((await failureOf(run.append(draftOf(1)))).code, "TIDEMARK_CLOSED");
  assert.is((await closed).highWatermark, 1);
});

test("commits the line too, in its order and in batches of the usual size", () => {
  marbles(({ flush }) => {
    const run = memoryRun({
      commitMs: 100,
      writer: { queueCapacity: 4, maxBatchEntries: 2, haltThresholdMs: 50 },
    });
    const commits: string[] = [];
    run.commits$.subscribe(({ toSeq, batches }) =>
      commits.push(`${toSeq}: ${batches.map(({ entries }) => entries).join("+")}`),
    );
    const seqs: string[] = [];
    for (let item = 1; item <= 12; item += 1) {
      run.append$(draftOf(item)).subscribe((seq) => seqs.push(`${item} is ${seq}`));
    }
    run.halt$.subscribe(() => assert.unreachable("halted"));
    void run.close();
    flush();
    assert.equal(commits, ["4: 2+2", "8: 2+2", "12: 2+2", "13: 1"]);
    assert.equal(
      seqs,
      Array.from({ length: 12 }, (_, item) => `${item + 1} is ${item + 1}`),
    );
  });
});

test("tells the end first, then the appends, then the seal, then the ends of the streams", () => {
  marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 3, faults: [{ on: "seal", stallMs: 2 }] });
    const log = watched(run);
    run.append$(draftOf(1)).subscribe((seq) => log.push(`append ${seq}`));
    run.watermark$.subscribe({ complete: () => log.push(`status ${run.manifest.status}`) });
    void run.close();
    flush();
    assert.equal(log.slice(2), [
      "3 watermark 2 2",
      "3 commit 1..2 2barrier",
      "append 1",
      "5 watermark |",
      "status ended",
      "5 halt |",
      "5 commit |",
      "5 pressure |",
    ]);
  });
});

test("of a bare writer writes no lifecycle entry: it commits a last draft if given, and seals", async () => {
  for (const last of [undefined, draftOf("last")]) {
    const stored = storedRun();
    const backend = new ScriptedBackend(stored);
    const writer = openWriter(backend);
    const closed = writer.close(last);
    for (let step = 0; step < 3; step += 1) backend.answer();
    assert.is((await closed).highWatermark, last === undefined ? 0 : 1);
    assert.is((await closed).endTsInit === undefined, last === undefined);
    const calls = ["seal ended", "close"];
    assert.equal(backend.calls, last === undefined ? calls : ["append 1-1", ...calls]);
  }
});

test("of a bare writer rejects an invalid last draft and leaves the writer open", async () => {
  const backend = new ScriptedBackend();
  const writer = openWriter(backend);
  const failure = await failureOf(writer.close({ ...draftOf(1), topic: "run.lifecycle.RunEnded" }));
  assert.is(failure.code, "TIDEMARK_INVALID_ENTRY");
  assert.is((failure as InvalidEntryError).field, "topic");
  assert.is(writer.offer(draftOf(1)), true);
  const closed = writer.close();
  for (let step = 0; step < 3; step += 1) backend.answer();
  assert.is((await closed).highWatermark, 1);
});

test("after abandon rejects CLOSED", async () => {
  const run = memoryRun();
  const abandoned = run.abandon();
  assert.is((await failureOf(run.close())).code, "TIDEMARK_CLOSED");
  await abandoned;
  assert.is((await failureOf(run.close())).code, "TIDEMARK_CLOSED");
  assert.is(run.manifest.status, "running");
});

test("after a halt rejects HALTED, and never seals, though the drain is through", async () => {
  const outcome = marbles(({ flush }) => {
    const run = memoryRun({ commitMs: 20, writer: { queueCapacity: 1, haltThresholdMs: 10 } });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    flush();
    return run;
  });
  const failure = (await failureOf(outcome.close())) as HaltedError;
  assert.is(failure.code, "TIDEMARK_HALTED");
  assert.is(failure.reason.kind, "backpressure-stall");
  assert.is(outcome.manifest.status, "running");
});

for (const [title, faults, kind] of [
  ["its last commit fails", [{ at: 2, fail: "disk" }], "backend-disk"],
  ["its last commit hangs", [{ at: 2, never: true }], "commit-stall"],
  ["the seal fails", [{ on: "seal", fail: "disk" }], "backend-disk"],
  ["the seal hangs", [{ on: "seal", never: true }], "commit-stall"],
] as const) {
  test(`halts and rejects HALTED when ${title}`, async () => {
    const outcome = marbles(({ flush }) => {
      const run = memoryRun({ faults, writer: { commitTimeoutMs: 100 } });
      const log = watched(run);
      run.offer(draftOf(1));
      flush();
      const closed = run.close();
      flush();
      return { closed, log, run };
    });
    const failure = (await failureOf(outcome.closed)) as HaltedError;
    assert.is(failure.code, "TIDEMARK_HALTED");
    assert.is(failure.reason.kind, kind);
    const isSealing = title.startsWith("the seal");
    assert.is(failure.reason.lostEntries, isSealing ? 0 : 1);
    assert.is(failure.reason.lastDurableSeq, isSealing ? 2 : 1);
    assert.is(outcome.log.filter((line) => line.includes("halt ")).length, 2);
    assert.is(outcome.run.manifest.status, "running");
    assert.is((await failureOf(outcome.run.entryAt(1))).code, "TIDEMARK_HALTED");
  });
}

test("is not hurried by haltThresholdMs: only a commit that hangs counts while closing", () => {
  marbles(({ expectObservable }) => {
    const run = memoryRun({
      commitMs: 90,
      writer: {
        queueCapacity: 1,
        maxBatchEntries: 1,
        haltThresholdMs: 10,
        commitTimeoutMs: 100,
      },
    });
    for (const item of [1, 2, 3, 4]) run.submissions.next(draftOf(item));
    void run.close();
    expectObservable(run.halt$).toBe("450ms |");
  });
});

test("tells what went wrong after the seal without calling the run halted", async () => {
  const backend = new ScriptedBackend();
  const writer = openWriter(backend);
  const closed = writer.close();
  backend.answer();
  const broken = new BackendError("close");
  backend.failWith(broken);
  assert.is(await failureOf(closed), broken);
  assert.is(await lastValueFrom(writer.halt$, { defaultValue: "none" }), "none");
  await writer.abandon();
});

test("is told durable before it is sealed", () => {
  const run = memoryRun();
  const seen: unknown[] = [];
  run.watermark$.subscribe((seq) => seen.push([seq, run.manifest.status]));
  void run.close();
  assert.equal(seen, [
    [0, "running"],
    [1, "running"],
  ]);
  assert.is(run.manifest.status, "ended");
});

test("leaves no timer behind", () => {
  marbles(({ flush }) => {
    const scheduler = countingScheduler(asyncScheduler);
    const run = memoryRun({ commitMs: 2, scheduler });
    run.offer(draftOf(1));
    void run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    void run.close();
    flush();
    assert.is(run.watermark, 2);
    assert.is(scheduler.open, 0);
  });
});

test.run();
