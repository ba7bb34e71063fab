import { firstValueFrom } from "rxjs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunLog } from "../../src/backends/Backend.ts";
import { GENESIS, sealFrame } from "../../src/format/sealFrame.ts";
import type { Seq } from "../../src/model/entry.ts";
import { EntryCursor } from "../../src/runs/EntryCursor.ts";
import { failureOf } from "../streams/support/failureOf.ts";
import { frameOf } from "../backends/lmdb/sampleFrames.ts";

const test = suite("a scan that is long enough to be read ahead");

const FRAMES = 24;

const PAYLOAD_BYTES = 2 * 2 ** 20;

/** Frames of one large entry each; the payload of one tells which it is by its first byte. */
function frames(): Uint8Array[] {
  let head = GENESIS;
  return Array.from({ length: FRAMES }, (_, at) => {
    const { bytes } = frameOf(at + 1, 1, { payload: new Uint8Array(PAYLOAD_BYTES).fill(at + 1) });
    head = sealFrame(bytes, head);
    return bytes;
  });
}

/** The first bytes of the payloads of all entries, as far as they come. */
async function scanned(log: readonly Uint8Array[], into: number[]): Promise<void> {
  const served = {
    framesFrom: async (seq: Seq) => log.slice(seq - 1, seq),
  } satisfies Partial<RunLog>;
  const cursor = new EntryCursor(served as Partial<RunLog> as RunLog, {}, 1);
  try {
    while (cursor.position <= FRAMES) {
      const entries = await firstValueFrom(cursor.pageUpTo(FRAMES));
      into.push(...entries.map(({ payload }) => payload[0] as number));
    }
  } finally {
    cursor.end();
  }
}

test("gives every entry once, in order", async () => {
  const found: number[] = [];
  await scanned(frames(), found);
  assert.equal(
    found,
    Array.from({ length: FRAMES }, (_, at) => at + 1),
  );
});

test("gives what is before damage, and then tells which entry it is", async () => {
  const log = frames();
  (log[20] as Uint8Array).fill(0, PAYLOAD_BYTES / 2, PAYLOAD_BYTES / 2 + 1);
  const found: number[] = [];
  const failure = await failureOf(scanned(log, found));
  assert.is(failure.code, "TIDEMARK_CORRUPTED");
  assert.is(Reflect.get(failure, "seq"), 21);
  assert.is(found.length, 20);
});

test("finds a frame that is whole and no link of the run", async () => {
  const log = frames();
  const { bytes } = frameOf(21, 1, { payload: new Uint8Array(PAYLOAD_BYTES).fill(99) });
  sealFrame(bytes, GENESIS);
  log[20] = bytes;
  const found: number[] = [];
  const failure = await failureOf(scanned(log, found));
  assert.is(failure.message.includes("chain"), true);
  assert.is(Reflect.get(failure, "seq"), 21);
  assert.is(found.length, 20);
});

test.run();
