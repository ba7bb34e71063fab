import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import { FrameProofs } from "../../src/runs/FrameProofs.ts";
import { SharedProofs } from "../../src/runs/SharedProofs.ts";
import { frameOf } from "../backends/lmdb/sampleFrames.ts";
import { startedProofs } from "./support/startedProofs.ts";
import { failureOf } from "../streams/support/failureOf.ts";

const test = suite("FrameProofs");

const started = startedProofs();
const { shared } = started;
test.before(() => started.idle());
test.after(() => started.end());

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
    const proofs = new FrameProofs({ aloneBytes, shared });
    for (let page = 0; page < 5; page += 1) {
      proofs.prove(pageOf(3));
      await turns();
    }
    await proofs.finish();
  }
});

test("tells damage wherever it is", async () => {
  for (const aloneBytes of [Infinity, 0]) {
    for (const damagedPage of [0, 1, 4]) {
      const proofs = new FrameProofs({ aloneBytes, shared });
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
    }
  }
});

test("proves by itself what no thread proves", async () => {
  const alone = new SharedProofs(undefined, () => {
    throw new Error("no thread");
  });
  for (const isDamaged of [false, true]) {
    const proofs = new FrameProofs({ aloneBytes: 0, shared: alone });
    proofs.prove(isDamaged ? damagedPageOf(2, 1) : pageOf(2));
    const failure: unknown = await proofs.finish().catch((error: unknown) => error);
    assert.is(failure !== undefined, isDamaged);
  }
});

test.run();
