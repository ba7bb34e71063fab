import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import { FrameProofs } from "../../src/runs/FrameProofs.ts";
import { ProofThread } from "../../src/runs/ProofThread.ts";
import { frameOf } from "../backends/lmdb/sampleFrames.ts";
import { failureOf } from "../streams/support/failureOf.ts";

const test = suite("FrameProofs");

/** A page of frames of ten entries each. */
function pageOf(frames: number): Uint8Array[] {
  let head = GENESIS;
  return Array.from({ length: frames }, (_, at) => {
    const { bytes } = frameOf(1 + 10 * at, 10);
    head = sealFrame(bytes, head);
    return bytes;
  });
}

/** The same, with a byte of a payload changed in one of them. */
function damagedPageOf(frames: number, at: number): Uint8Array[] {
  const page = pageOf(frames);
  const bytes = page[at] as Uint8Array;
  const payloadAt = Buffer.from(bytes).lastIndexOf("payload");
  bytes[payloadAt] = (bytes[payloadAt] as number) ^ 1;
  return page;
}

/** Lets the thread answer. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("passes what is whole, on one thread and on two", async () => {
  for (const aloneBytes of [Infinity, 0]) {
    const proofs = new FrameProofs(aloneBytes);
    for (let page = 0; page < 5; page += 1) {
      proofs.prove(pageOf(3));
      await turns();
    }
    await proofs.finish();
    await proofs.end();
  }
});

test("tells damage wherever it is", async () => {
  for (const aloneBytes of [Infinity, 0]) {
    for (const damagedPage of [0, 1, 4]) {
      const proofs = new FrameProofs(aloneBytes);
      const failure = await failureOf(
        (async () => {
          for (let page = 0; page < 5; page += 1) {
            proofs.prove(page === damagedPage ? damagedPageOf(3, 1) : pageOf(3));
          }
          await proofs.finish();
        })(),
      );
      assert.is(failure.code, "TIDEMARK_CORRUPTED");
      assert.is(Reflect.get(failure, "seq"), 11);
      await proofs.end();
    }
  }
});

test("the thread tells the first damage of a page, and of the next page nothing", async () => {
  const thread = new ProofThread();
  const damage = await thread.prove(damagedPageOf(4, 2));
  assert.is(damage?.seq, 21);
  assert.type(damage?.message, "string");
  assert.is(await thread.prove(pageOf(4)), undefined);
  await thread.end();
});

test("what a thread that has died was to prove is proven here, and all that follows", async () => {
  for (const isDamaged of [false, true]) {
    const proofs = new FrameProofs(0);
    proofs.prove(isDamaged ? damagedPageOf(2, 1) : pageOf(2));
    // Before it has answered: it has hardly started.
    const ended = proofs.end();
    const failure: unknown = await proofs.finish().catch((error: unknown) => error);
    assert.is(failure !== undefined, isDamaged);
    await ended;
    assert.throws(() => proofs.prove(damagedPageOf(1, 0)));
  }
});

test("a thread that has died between two questions answers the next with why", async () => {
  const thread = new ProofThread();
  assert.is(await thread.prove(pageOf(1)), undefined);
  await thread.end();
  const failure: unknown = await thread.prove(pageOf(1)).catch((error: unknown) => error);
  assert.instance(failure, Error);
});

test.run();
