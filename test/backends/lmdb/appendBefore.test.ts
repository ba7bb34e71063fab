import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { NextAppend } from "../../../src/backends/lmdb/AheadSealer.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { sealFrame, GENESIS } from "../../../src/format/sealFrame.ts";
import { insteadOfSyncsAside } from "./insteadOfSyncs.ts";
import { lastTxnidIn, syncedTxnid } from "./noteSynced.ts";
import { inNewLog, opened, watermarkIn } from "./newLog.ts";
import { rejects, throws } from "./rejection.ts";
import { frameOf } from "./sampleFrames.ts";

const test = suite("what is sealed while the disk syncs");
const SLICE_BYTES = 128 * 1024;
const PAYLOAD = Buffer.alloc(40_000, 1);
const FRAMES_PER_SLICE = Math.floor(SLICE_BYTES / PAYLOAD.byteLength);
const DIGEST_BYTES = 32;
const FRAMES = 16;

function atOnce(_: () => void, callback: (error: null) => void): void {
  callback(null);
}

function failing(_: () => void, callback: (error: Error) => void): void {
  setImmediate(callback, new Error("EIO"));
}

function unreadable(): never {
  throw new Error("no request");
}

/** Frames of one entry each, of more than two slices together. */
function framesFrom(fromSeq: number): readonly Uint8Array[] {
  const frames = Array.from(
    { length: FRAMES },
    (_, at) => frameOf(fromSeq + at, 1, { payload: PAYLOAD }).bytes,
  );
  assert.ok(FRAMES * PAYLOAD.byteLength > 2 * SLICE_BYTES);
  return frames;
}

/** An append that is there, and one that is not. */
function following(frames: readonly Uint8Array[]): NextAppend {
  return { isThere: () => true, frames: () => frames };
}
const NOTHING: NextAppend = { isThere: () => false, frames: unreadable };

function sealedOf(frames: readonly Uint8Array[]): number {
  return frames.filter((bytes) => bytes.subarray(-DIGEST_BYTES).some((byte) => byte !== 0)).length;
}

/** Every frame of the log, which must be those that would be there without all this. */
async function checkStored(folder: string, frames: number): Promise<void> {
  const reads = new LmdbReads(folder);
  let head = GENESIS;
  for (let seq = 1; seq <= frames; seq += 1) {
    const [stored] = await reads.framesFrom(seq, { maxBytes: 1 });
    const { bytes } = frameOf(seq, 1, { payload: PAYLOAD });
    head = sealFrame(bytes, head);
    assert.is(Buffer.compare(stored ?? Buffer.of(), bytes), 0, `frame ${seq}`);
  }
  await reads.close();
  assert.is(await watermarkIn(folder), frames);
}

test("is the next append, as far as the sync leaves time for it", async () => {
  for (const [isLong, sealed] of [
    [true, FRAMES],
    [false, FRAMES_PER_SLICE],
  ] as const) {
    await inNewLog(async (writer, folder) => {
      const next = framesFrom(1 + FRAMES);
      // A sync that takes as long as all of it does, and one that takes no time.
      const goOn = (sync: () => void): void => {
        if (!isLong || sealedOf(next) === FRAMES) sync();
        else setImmediate(goOn, sync);
      };
      await insteadOfSyncsAside(isLong ? goOn : atOnce, async () => {
        assert.is(await writer.appendBefore(following(next), framesFrom(1)), FRAMES);
      });
      assert.is(sealedOf(next), sealed);
      assert.is(await watermarkIn(folder), FRAMES);
      assert.is(syncedTxnid(folder), lastTxnidIn(folder));
      const last = framesFrom(1 + 2 * FRAMES);
      assert.is(await writer.appendBefore(following(last), next), 2 * FRAMES);
      assert.is(writer.append(last), 3 * FRAMES);
      await writer.close();
      await checkStored(folder, 3 * FRAMES);
    });
  }
});

test("stops with the sync, a slice later", async () => {
  await inNewLog(async (writer, folder) => {
    const next = framesFrom(1 + FRAMES);
    const goOn = (sync: () => void, callback: (error: null) => void): void => {
      if (sealedOf(next) > 0) callback(null);
      else setImmediate(goOn, sync, callback);
    };
    await insteadOfSyncsAside(goOn, async () => {
      await writer.appendBefore(following(next), framesFrom(1));
    });
    assert.ok(sealedOf(next) <= 2 * FRAMES_PER_SLICE, `${sealedOf(next)} of ${FRAMES}`);
    assert.is(writer.append(next), 2 * FRAMES);
    await writer.close();
    await checkStored(folder, 2 * FRAMES);
  });
});

test("is nothing where nothing is there yet", async () => {
  await inNewLog(async (writer, folder) => {
    assert.is(await writer.appendBefore(NOTHING, framesFrom(1)), FRAMES);
    assert.is(writer.append(framesFrom(1 + FRAMES)), 2 * FRAMES);
    await writer.close();
    await checkStored(folder, 2 * FRAMES);
  });
});

test("is not touched where something else is appended", async () => {
  await inNewLog(async (writer, folder) => {
    await writer.appendBefore(following(framesFrom(1 + FRAMES)), framesFrom(1));
    assert.is(writer.append(framesFrom(1 + FRAMES)), 2 * FRAMES);
    await writer.close();
    await checkStored(folder, 2 * FRAMES);
  });
});

test("is refused when it is appended, and not before, where it does not follow or is no frame", async () => {
  for (const [next, code] of [
    [framesFrom(2 + FRAMES), "TIDEMARK_OUT_OF_ORDER"],
    [[Buffer.alloc(500)], "TIDEMARK_CORRUPTED"],
  ] as const) {
    await inNewLog(async (writer, folder) => {
      assert.is(await writer.appendBefore(following(next), framesFrom(1)), FRAMES);
      throws(() => writer.append(next), { code });
      assert.ok(writer.isUnharmed);
      assert.is(writer.append(framesFrom(1 + FRAMES)), 2 * FRAMES);
      await writer.close();
      await checkStored(folder, 2 * FRAMES);
    });
  }
});

test("is lost with a commit whose sync fails, which is taken back", async () => {
  await inNewLog(async (writer, folder) => {
    await writer.appendBefore(NOTHING, framesFrom(1));
    const [txnid, next] = [lastTxnidIn(folder), framesFrom(1 + 2 * FRAMES)];
    await insteadOfSyncsAside(failing, async () => {
      const appended = writer.appendBefore(following(next), framesFrom(1 + FRAMES));
      assert.match(String(await appended.catch((error: unknown) => error)), "EIO");
    });
    assert.not(writer.isUnharmed);
    assert.is(await watermarkIn(folder), FRAMES);
    assert.is(syncedTxnid(folder), txnid);
    const heir = await opened(folder, "recover");
    assert.is(heir.state.watermark, FRAMES);
    assert.is(heir.append(framesFrom(1 + FRAMES)), 2 * FRAMES);
    await heir.close();
    await checkStored(folder, 2 * FRAMES);
  });
});

test("ends the writer where not even a request can be read, and acknowledges nothing", async () => {
  await inNewLog(async (writer) => {
    const appended = writer.appendBefore(
      { isThere: () => true, frames: unreadable },
      framesFrom(1),
    );
    assert.match(String(await appended.catch((error: unknown) => error)), "no request");
    assert.not(writer.isUnharmed);
  });
});

test("is not begun for a writer that is fenced", async () => {
  await inNewLog(async (zombie, folder) => {
    const heir = await opened(folder, "recover");
    const next = framesFrom(1 + FRAMES);
    const fenced = { code: "TIDEMARK_FENCED", epoch: 1, foundEpoch: 2 };
    await rejects(zombie.appendBefore(following(next), framesFrom(1)), fenced);
    assert.is(sealedOf(next), 0);
    await zombie.close();
    await heir.close();
  });
});

test.run();
