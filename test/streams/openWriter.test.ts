import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryBackend } from "../../src/backends/memory/MemoryBackend.ts";
import { MemoryRunLog } from "../../src/backends/memory/MemoryRunLog.ts";
import { decodeFrame } from "../../src/format/decodeFrame.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { draftOf } from "../support/scriptedWriter.ts";
import { failureOf, thrownBy } from "./support/failureOf.ts";
import { storedRun } from "./support/scriptedBackend.ts";

const test = suite("openWriter");

test("takes a backend once in its life, open, closed or abandoned", async () => {
  const backend = new MemoryBackend(storedRun());
  const writer = openWriter(backend);
  assert.is(thrownBy(() => openWriter(backend)).code, "TIDEMARK_LOCKED");
  assert.is(await writer.append(draftOf(1)), 1);
  await writer.abandon();
  assert.is(thrownBy(() => openWriter(backend)).code, "TIDEMARK_LOCKED");
});

test("continues a log where it stands", async () => {
  const stored = storedRun();
  const first = openWriter(new MemoryBackend(stored));
  await first.append(draftOf(1));
  await first.append(draftOf(2));
  await first.abandon();
  const second = openWriter(new MemoryBackend(stored));
  assert.equal([second.watermark, second.accepted], [2, 2]);
  const seen: number[] = [];
  second.watermark$.subscribe((seq) => seen.push(seq));
  assert.is(await second.append(draftOf(3)), 3);
  assert.is(
    (await second.recordSnapshotAnchor({ blobRef: "b", contentHash: "c" })).highWatermark,
    3,
  );
  assert.is((await second.close()).highWatermark, 3);
  assert.equal(seen, [2, 3]);
  new MemoryRunLog(stored).framesFrom(1).subscribe((frames) => {
    const epochs = frames.map((bytes) => decodeFrame(bytes).header.epoch);
    assert.equal(epochs, [1, 1, 2]);
  });
});

test("halts with a sealed log as the cause, and never appends to it", async () => {
  const stored = storedRun();
  await openWriter(new MemoryBackend(stored)).close();
  const writer = openWriter(new MemoryBackend(stored));
  const failure = await failureOf(writer.append(draftOf(1)));
  assert.is(failure.code, "TIDEMARK_HALTED");
  assert.is((failure.cause as { code: string }).code, "TIDEMARK_SEALED");
  assert.is(stored.watermark, 0);
});

test("is open before the call returns, and shows the manifest of its backend", () => {
  const writer = openWriter(new MemoryBackend(storedRun()));
  assert.is(writer.manifest.runId, "1-00000001");
  assert.is(writer.offer(draftOf(1)), true);
  assert.is(writer.accepted, 1);
});

test.run();
