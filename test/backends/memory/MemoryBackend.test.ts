import { defer, toArray, type ObservableInput } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryBackend } from "../../../src/backends/memory/MemoryBackend.ts";
import { MemoryRunLog } from "../../../src/backends/memory/MemoryRunLog.ts";
import { StoredRun } from "../../../src/backends/memory/StoredRun.ts";
import type { RunManifest } from "../../../src/model/manifest.ts";
import { anchorOf } from "../../../src/testing/contract/anchorLaws.ts";
import { refuses, settle } from "../../../src/testing/contract/answers.ts";
import { append, checkHolds, frameOf, framesOf } from "../../../src/testing/contract/frames.ts";
import { manifestOf } from "../../../src/testing/contract/LawScope.ts";

const test = suite("MemoryBackend");

/** What an answer gives before `subscribe` returns. */
function atOnce<T>(answer: ObservableInput<T>): T | undefined {
  let values: T[] = [];
  defer(() => answer)
    .pipe(toArray())
    .subscribe((all) => {
      values = all;
    });
  assert.is(values.length, 1);
  return values[0];
}

test("takes a step at the call, whether or not anybody subscribes", () => {
  const run = new StoredRun(manifestOf());
  const backend = new MemoryBackend(run);
  backend.append(framesOf(backend, 2));
  assert.is(run.watermark, 2);
  backend.recordSnapshotAnchor(anchorOf(2));
  assert.equal(run.anchor, anchorOf(2));
  backend.seal("ended");
  assert.ok(run.isSealed);
});

test("answers synchronously", () => {
  const backend = new MemoryBackend(new StoredRun(manifestOf()));
  assert.equal(atOnce(backend.append(framesOf(backend, 2))), { toSeq: 2 });
  assert.is(atOnce(backend.refresh()), 2);
  assert.is(atOnce(backend.framesFrom(1))?.length, 1);
  assert.is(atOnce(backend.lookup("id", "O-1")), undefined);
  assert.equal(atOnce(backend.indexKeys("id")), []);
  assert.is(atOnce(backend.latestSnapshotAnchor()), undefined);
  assert.is(atOnce(backend.seal("ended"))?.highWatermark, 2);
  assert.is(atOnce(backend.close()), undefined);
});

test("fences the handle that wrote the run before", async () => {
  const run = new StoredRun(manifestOf());
  const zombie = new MemoryBackend(run);
  await append(zombie, 1);
  const heir = new MemoryBackend(run);
  assert.is(heir.epoch, 2);
  await refuses(zombie.append(framesOf(zombie, 1)), "TIDEMARK_FENCED", { epoch: 1, foundEpoch: 2 });
  await append(heir, 1);
  assert.is(zombie.watermark, 1);
  await checkHolds(heir, 2);
});

test("lands nothing where one of the frames is none", async () => {
  const backend = new MemoryBackend(new StoredRun(manifestOf()));
  const damaged = frameOf(backend, 2, 1);
  damaged.bytes.fill(0, 0, 4);
  const answer = backend.append([frameOf(backend, 1, 1), damaged]);
  await refuses(answer, "TIDEMARK_CORRUPTED");
  await append(backend, 1, 1);
  await checkHolds(backend, 2);
});

test("refuses a frame that holds other entries than it is said to", async () => {
  const backend = new MemoryBackend(new StoredRun(manifestOf()));
  for (const [frame, said] of [
    [frameOf(backend, 1, 2), { fromSeq: 1, toSeq: 3 }],
    [frameOf(backend, 1, 2), { fromSeq: 1, toSeq: 1 }],
    [frameOf(backend, 2, 1), { fromSeq: 1, toSeq: 2 }],
  ] as const) {
    await refuses(backend.append([{ ...frame, ...said }]), "TIDEMARK_CORRUPTED", { seq: 1 });
  }
  await checkHolds(backend, 0);
});

test("gives out copies of frames that came as Buffers", async () => {
  const backend = new MemoryBackend(new StoredRun(manifestOf()));
  const frame = frameOf(backend, 1, 2);
  await settle(backend.append([{ ...frame, bytes: Buffer.from(frame.bytes) }]));
  for (const bytes of await settle(backend.framesFrom(1))) bytes.fill(0);
  await checkHolds(backend, 2);
});

test("keeps its manifest and anchor from those who hold the objects", async () => {
  const identity = { featureFlags: ["a"] };
  const backend = new MemoryBackend(new StoredRun(manifestOf({ identity })));
  identity.featureFlags.push("b");
  assert.equal(backend.manifest.identity, { featureFlags: ["a"] });
  assert.throws(() => (backend.manifest.identity.featureFlags as string[]).push("c"), /extensible/);
  assert.throws(() => {
    (backend.manifest as { status: RunManifest["status"] }).status = "ended";
  }, /read only/);
  const anchor = { ...anchorOf(0) };
  await settle(backend.recordSnapshotAnchor(anchor));
  anchor.blobRef = "elsewhere";
  assert.equal(await settle(backend.latestSnapshotAnchor()), anchorOf(0));
});

test("fails every method once it was told that the writer failed", async () => {
  const run = new StoredRun(manifestOf());
  const backend = new MemoryBackend(run);
  await append(backend, 1);
  const late = framesOf(backend, 1);
  backend.fail();
  for (const answer of [
    backend.append(late),
    backend.recordSnapshotAnchor(anchorOf(1)),
    backend.seal("ended"),
    backend.refresh(),
    backend.framesFrom(1),
    backend.lookup("id", "O-1"),
    backend.indexKeys("id"),
    backend.indexKinds(),
    backend.latestSnapshotAnchor(),
  ]) {
    await refuses(answer, "TIDEMARK_BACKEND");
  }
  await settle(backend.close());
  await checkHolds(new MemoryRunLog(run), 1);
});

test("shows a reader the watermark as of its last look", async () => {
  const run = new StoredRun(manifestOf());
  const backend = new MemoryBackend(run);
  const reader = new MemoryRunLog(run);
  await append(backend, 2);
  await settle(backend.seal("ended"));
  assert.is(reader.watermark, 0);
  assert.is(reader.manifest.status, "running");
  assert.is(await settle(reader.refresh()), 2);
  assert.is(reader.watermark, 2);
  assert.is(reader.manifest.status, "ended");
});

test.run();
