import { setImmediate } from "node:timers/promises";
import { Subject, type Observable } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Ack, Frame } from "../../src/backends/Backend.ts";
import { decodeFrame } from "../../src/format/decodeFrame.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import { openWriter } from "../../src/streams/openWriter.ts";
import { ScriptedBackend } from "./support/scriptedBackend.ts";

const test = suite("the memory of frames");
const PAYLOAD_BYTES = 200;
const ROUNDS = 40;
const PER_ROUND = 700;

interface Append {
  readonly frames: readonly Frame[];
  /** The frames as they were handed over. */
  readonly copies: readonly Uint8Array[];
  readonly acked: Subject<Ack>;
}

/** Takes frames, keeps none, and answers when the test says so. */
class CopyingBackend extends ScriptedBackend {
  readonly returnsFrames = true;
  readonly buffers = new Map<ArrayBufferLike, number>();
  pending: Append | undefined;

  override append(frames: readonly Frame[]): Observable<Ack> {
    const copies = frames.map(({ bytes }) => bytes.slice());
    for (const { bytes } of frames) {
      this.buffers.set(bytes.buffer, (this.buffers.get(bytes.buffer) ?? 0) + 1);
    }
    this.pending = { frames, copies, acked: new Subject() };
    return this.pending.acked;
  }
}

function payloadOf(seq: number): Uint8Array {
  return new Uint8Array(PAYLOAD_BYTES).fill(seq % 251);
}

test("a frame stays as it was handed over until it is acknowledged, and its memory is used again", async () => {
  const backend = new CopyingBackend();
  const writer = openWriter(backend);
  let head = GENESIS;
  let read = 0;
  const acknowledge = ({ frames, copies, acked }: Append): void => {
    for (const [at, copy] of copies.entries()) {
      assert.is(Buffer.compare(copy, frames[at]?.bytes ?? Buffer.of()), 0);
      head = sealFrame(copy, head);
      for (const { seq, payload } of decodeFrame(copy).entries()) {
        read += 1;
        assert.is(seq, read);
        assert.is(Buffer.compare(payload, payloadOf(seq)), 0);
      }
    }
    backend.pending = undefined;
    acked.next({ toSeq: frames.at(-1)?.toSeq ?? 0 });
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let entry = 0; entry < PER_ROUND; entry += 1) {
      const payload = payloadOf(writer.accepted + 1);
      assert.ok(writer.offer({ topic: `topic ${entry % 3}`, payloadType: "Type", payload }));
      payload.fill(0xff);
    }
    // An idle sink begins when the turn is over.
    await setImmediate();
    if (backend.pending !== undefined) acknowledge(backend.pending);
  }
  while (backend.pending !== undefined) acknowledge(backend.pending);
  assert.is(read, ROUNDS * PER_ROUND);
  const frames = [...backend.buffers.values()].reduce((sum, uses) => sum + uses, 0);
  assert.is(frames, (ROUNDS * PER_ROUND) / 100);
  assert.ok(backend.buffers.size < 30, `${backend.buffers.size} buffers for ${frames} frames`);
});

test("memory of a backend that keeps its frames is used once", () => {
  const backend = new ScriptedBackend();
  const buffers = new Set<ArrayBufferLike>();
  const writer = openWriter(
    Object.assign(backend, {
      append: (frames: readonly Frame[]) => {
        for (const { bytes } of frames) buffers.add(bytes.buffer);
        const acked = new Subject<Ack>();
        queueMicrotask(() => acked.next({ toSeq: frames.at(-1)?.toSeq ?? 0 }));
        return acked;
      },
    }),
  );
  for (let entry = 0; entry < 1_000; entry += 1) {
    assert.ok(writer.offer({ topic: "t", payloadType: "T", payload: payloadOf(entry) }));
  }
  return new Promise<void>((resolve) => {
    writer.watermark$.subscribe({
      next: (watermark) => watermark === 1_000 && resolve(),
      error: assert.unreachable,
    });
  }).then(() => assert.is(buffers.size, 10));
});

test.run();
