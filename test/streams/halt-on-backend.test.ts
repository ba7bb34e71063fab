import { EMPTY, NEVER, of, throwError, type Observable } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryBackend } from "../../src/backends/memory/MemoryBackend.ts";
import type { Ack } from "../../src/backends/Backend.ts";
import {
  BackendError,
  CorruptedError,
  DiskError,
  OutOfOrderError,
  SealedError,
  type HaltedError,
} from "../../src/model/errors.ts";
import type { HaltReason } from "../../src/model/halt.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { marbles } from "../../src/testing/marbles.ts";
import { memoryRun } from "../../src/testing/memoryRun.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf } from "./support/failureOf.ts";
import { ScriptedBackend, storedRun } from "./support/scriptedBackend.ts";

const test = suite("a halt on a backend failure");

const FAULTS = [
  ["disk", "backend-disk", DiskError],
  ["corrupted", "backend-corrupted", CorruptedError],
  ["error", "backend-error", BackendError],
] as const;

for (const [fail, kind, Failure] of FAULTS) {
  test(`a commit that fails by ${fail} halts as ${kind} and counts what may be lost`, async () => {
    const run = memoryRun({ commitMs: 1, faults: [{ at: 3, fail }] });
    const reasons: HaltReason[] = [];
    run.halt$.subscribe((reason) => reasons.push(reason));
    await run.append(draftOf(1));
    await run.append(draftOf(2));
    const pending = [3, 4, 5].map((item) => run.append(draftOf(item)));
    const failures = await Promise.all(pending.map(failureOf));
    assert.is(reasons.length, 1);
    const reason = reasons[0] as HaltReason & { readonly kind: typeof kind };
    assert.is(reason.kind, kind);
    assert.is(reason.lastDurableSeq, 2);
    assert.is(reason.lostEntries, 3);
    assert.ok(reason.cause instanceof Failure);
    assert.is(reason.code, fail === "disk" ? 28 : undefined);
    assert.is(reason.message, (reason.cause as Error).message);
    for (const failure of failures as HaltedError[]) {
      assert.is(failure.code, "TIDEMARK_HALTED");
      assert.is(failure.reason, reason);
      assert.is(failure.cause, reason.cause);
    }
    assert.is(run.watermark, 2);
    assert.is(run.accepted, 5);
  });
}

test("a writer that was fenced halts with both epochs", async () => {
  const run = memoryRun({ faults: [{ at: 1, fail: "fenced" }] });
  const failure = (await failureOf(run.append(draftOf(1)))) as HaltedError;
  assert.equal(failure.reason, {
    kind: "fenced",
    epoch: 1,
    foundEpoch: 2,
    lastDurableSeq: 0,
    lostEntries: 1,
  });
});

test("after a full disk close rejects, submits reject, and the run is not sealed", async () => {
  const run = memoryRun({ faults: [{ at: 1, fail: "disk" }] });
  const reason = new Promise((resolve) => run.halt$.subscribe(resolve));
  run.offer(draftOf(1));
  assert.is(((await reason) as HaltReason).kind, "backend-disk");
  assert.is((await failureOf(run.submit(draftOf(2)))).code, "TIDEMARK_HALTED");
  assert.is((await failureOf(run.close())).code, "TIDEMARK_HALTED");
  assert.is(run.manifest.status, "running");
  await run.abandon();
});

test("rejects those in line too, and they count as never accepted", async () => {
  const run = memoryRun({
    commitMs: 1,
    faults: [{ at: 2, fail: "disk" }],
    writer: { queueCapacity: 1 },
  });
  const submits = [1, 2, 3, 4, 5].map((item) => run.submit(draftOf(item)));
  let lost: number | undefined;
  run.halt$.subscribe(({ lostEntries }) => (lost = lostEntries));
  assert.equal(await Promise.all(submits.slice(0, 3)), [1, 2, 3]);
  for (const submit of submits.slice(3)) {
    assert.is((await failureOf(submit)).code, "TIDEMARK_HALTED");
  }
  assert.is(run.accepted, 3);
  assert.is(lost, 2);
});

test("refuses the run's own reads: the log is not touched any more", async () => {
  const run = memoryRun({ faults: [{ at: 2, fail: "disk" }] });
  await run.append(draftOf(1));
  assert.is((await run.entryAt(1))?.seq, 1);
  await failureOf(run.append(draftOf(2)));
  const reads: Promise<unknown>[] = [
    run.entryAt(1),
    run.entryAt(0),
    run.entryAt(9),
    run.lookup("k", "k"),
    run.latestSnapshotAnchor(),
    run.snapshotReplayPlan(),
    run.entries()[Symbol.asyncIterator]().next(),
    run.indexKeys("k")[Symbol.asyncIterator]().next(),
    new Promise((_, reject) => run.entries$().subscribe({ error: reject })),
  ];
  for (const read of reads) assert.is((await failureOf(read)).code, "TIDEMARK_HALTED");
});

test("refuses them after a drain that failed too, and not after one that goes on", () => {
  marbles(({ scheduler, flush }) => {
    const run = memoryRun({
      commitMs: 100,
      faults: [{ at: 2, fail: "disk" }],
      writer: { queueCapacity: 1, maxBatchEntries: 1, haltThresholdMs: 50 },
    });
    for (const item of [1, 2, 3]) run.submissions.next(draftOf(item));
    const log: string[] = [];
    const read = (): void => {
      run.entries$().subscribe({
        next: ({ seq }) => log.push(`read ${seq}`),
        error: ({ code, reason }) => log.push(`${code} ${reason.kind}`),
      });
    };
    scheduler.schedule(read, 150);
    scheduler.schedule(read, 250);
    flush();
    assert.equal(log, ["read 1", "TIDEMARK_HALTED backpressure-stall"]);
  });
});

test("halts once, on the first of two failures", () => {
  marbles(({ scheduler, flush }) => {
    const backend = new ScriptedBackend();
    const writer = openWriter(backend);
    const kinds: string[] = [];
    writer.halt$.subscribe({
      next: ({ kind }) => {
        kinds.push(kind);
        backend.failWith(new BackendError("again"));
      },
      complete: () => kinds.push("|"),
    });
    writer.offer(draftOf(1));
    scheduler.schedule(() => backend.failWith(new DiskError("full", 28)), 1);
    flush();
    assert.equal(kinds, ["backend-disk", "|"]);
    assert.equal(backend.calls, ["append 1-1", "fail"]);
  });
});

for (const [title, failure] of [
  ["out of order", new OutOfOrderError(1, 5)],
  ["sealed", new SealedError("run")],
  ["with anything at all", "text"],
] as const) {
  test(`a backend that fails ${title} halts as backend-error with it as the cause`, () => {
    const reason = marbles(({ scheduler, flush }) => {
      const backend = new ScriptedBackend();
      const writer = openWriter(backend);
      let told: HaltReason | undefined;
      writer.halt$.subscribe((reason) => (told = reason));
      writer.offer(draftOf(1));
      scheduler.schedule(() => backend.failWith(failure), 1);
      flush();
      return told as HaltReason & { readonly kind: "backend-error" };
    });
    assert.is(reason.kind, "backend-error");
    assert.is(reason.cause, failure);
    assert.is("code" in reason, false);
  });
}

const BAD_ACKS: readonly (readonly [string, () => Observable<Ack>])[] = [
  ["acknowledges less than it was given", () => of({ toSeq: 0 })],
  ["acknowledges more than it was given", () => of({ toSeq: 2 })],
  ["gives no answer", () => EMPTY],
  [
    "throws instead of answering",
    () => {
      throw new BackendError("thrown");
    },
  ],
  ["answers with an error at once", () => throwError(() => new BackendError("told"))],
];

for (const [title, append] of BAD_ACKS) {
  test(`a backend that ${title} halts`, () => {
    marbles(({ flush }) => {
      const backend = new ScriptedBackend();
      backend.append = append;
      const writer = openWriter(backend);
      const kinds: string[] = [];
      writer.halt$.subscribe(({ kind }) => kinds.push(kind));
      writer.offer(draftOf(1));
      flush();
      assert.equal(kinds, ["backend-error"]);
      assert.is(writer.watermark, 0);
    });
  });
}

test("a backend that answers twice is heard once", () => {
  marbles(({ flush }) => {
    const backend = new ScriptedBackend();
    backend.append = () => of({ toSeq: 1 }, { toSeq: 1 }, { toSeq: 7 });
    const writer = openWriter(backend);
    const seen: unknown[] = [];
    writer.watermark$.subscribe((seq) => seen.push(seq));
    writer.offer(draftOf(1));
    flush();
    assert.equal(seen, [0, 1]);
  });
});

test("takes the commit time of the backend where it knows one", () => {
  marbles(({ flush }) => {
    const backend = new ScriptedBackend();
    backend.append = () => of({ toSeq: 1, commitMs: 0.25 });
    const writer = openWriter(backend);
    const times: number[] = [];
    writer.commits$.subscribe(({ commitMs }) => times.push(commitMs));
    writer.offer(draftOf(1));
    flush();
    assert.equal(times, [0.25]);
  });
});

test("an anchor that cannot be stored halts, and rejects with the reason", async () => {
  for (const [fail, kind] of FAULTS) {
    const run = memoryRun({ faults: [{ on: "anchor", fail }] });
    await run.append(draftOf(1));
    const anchored = run.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" });
    const { reason } = (await failureOf(anchored)) as HaltedError;
    assert.is(reason.kind, kind);
    assert.equal([reason.lastDurableSeq, reason.lostEntries], [1, 0]);
  }
});

test("a backend without fail() is left alone all the same", () => {
  marbles(({ flush }) => {
    const backend = new ScriptedBackend();
    Object.assign(backend, { fail: undefined, append: () => NEVER });
    const writer = openWriter(backend, { writer: { commitTimeoutMs: 5 } });
    writer.offer(draftOf(1));
    flush();
    assert.equal(backend.calls, []);
  });
});

test("a writer whose run another one took over is fenced by the backend, and counts its loss", () => {
  marbles(({ flush }) => {
    const stored = storedRun();
    const zombie = openWriter(new MemoryBackend(stored));
    zombie.offer(draftOf(1));
    flush();
    const heir = openWriter(new MemoryBackend(stored));
    let reason: HaltReason | undefined;
    zombie.halt$.subscribe((told) => (reason = told));
    zombie.offer(draftOf(2));
    heir.offer(draftOf(3));
    flush();
    assert.equal(reason, {
      kind: "fenced",
      epoch: 1,
      foundEpoch: 2,
      lastDurableSeq: 1,
      lostEntries: 1,
    });
    assert.is(heir.watermark, 2);
  });
});

test.run();
