import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DataFile } from "../../../src/backends/lmdb/DataFile.ts";
import { FEW_ROWS, RoomAhead, type CommitSize } from "../../../src/backends/lmdb/RoomAhead.ts";

const test = suite("RoomAhead");
const KIB = 2 ** 10;
const MIB = 2 ** 20;
const PAGE_BYTES = 4_096;
const BATCH = frames(31_000);

function frames(...lengths: readonly number[]): CommitSize {
  return { frames: lengths.map((byteLength) => ({ byteLength })), indexRows: 0 };
}

/** A file of which only the sizes are there. */
class SizesOnly {
  readonly pageBytes = PAGE_BYTES;
  sizeBytes = 2 * PAGE_BYTES;
  used = 2 * PAGE_BYTES;
  looks = 0;
  /** Where the file must end, and what says so. */
  limit = Infinity;
  refusal: unknown;
  failure: unknown;
  /** How much of the file was forced to disk by us. */
  syncedBytes = 0;

  usedBytes(): number {
    this.looks += 1;
    return this.used;
  }

  appendZeros(bytes: number): unknown {
    if (this.failure !== undefined) throw this.failure;
    const end = this.sizeBytes + bytes;
    this.sizeBytes = Math.min(end, this.limit);
    return end > this.limit ? this.refusal : undefined;
  }

  syncData(): void {
    this.syncedBytes = this.sizeBytes;
  }
}

function roomIn(file: SizesOnly): RoomAhead {
  return new RoomAhead(process.cwd(), file as unknown as DataFile);
}

test("there is room for a commit before it begins", () => {
  for (const commit of [FEW_ROWS, BATCH, frames(MIB, MIB), frames(16 * MIB)]) {
    const file = new SizesOnly();
    roomIn(file).makeFor(commit);
    const bytes = commit.frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
    assert.ok(file.sizeBytes - file.used >= bytes + 256 * KIB);
  }
});

test("before a commit no more is made than it needs, and its own sync is enough", () => {
  const file = new SizesOnly();
  roomIn(file).makeFor(frames(2 * MIB));
  assert.ok(file.sizeBytes - file.used < 2 * MIB + 256 * KIB + 64 * KIB + PAGE_BYTES);
  assert.is(file.syncedBytes, 0);
});

test("behind a small commit 1 MiB is made and synced, behind a large one nothing", () => {
  const file = new SizesOnly();
  const room = roomIn(file);
  room.makeFor(BATCH);
  const size = file.sizeBytes;
  room.renew();
  assert.is(file.sizeBytes - size, MIB);
  assert.is(file.syncedBytes, file.sizeBytes);
  file.used = file.sizeBytes;
  room.makeFor(frames(4 * MIB));
  const large = file.sizeBytes;
  room.renew();
  assert.is(file.sizeBytes, large);
});

test("the file is looked at only where the room that was known may be used up", () => {
  const file = new SizesOnly();
  const room = roomIn(file);
  const before = file.looks;
  for (let commit = 0; commit < 100; commit += 1) {
    room.makeFor(BATCH);
    file.used += 9 * PAGE_BYTES;
    room.renew();
    assert.ok(file.sizeBytes - file.used >= 31_000 + 256 * KIB, `commit ${commit}`);
  }
  assert.ok(file.looks - before < 50, `${file.looks} looks`);
});

test("room is made after a commit, so that the next one has nothing to do", () => {
  const file = new SizesOnly();
  const room = roomIn(file);
  for (let commit = 0; commit < 50; commit += 1) {
    const size = file.sizeBytes;
    room.makeFor(BATCH);
    assert.ok(commit === 0 || file.sizeBytes === size, `commit ${commit}`);
    file.used += 9 * PAGE_BYTES;
    room.renew();
  }
});

test("a commit without room is refused with what the file system said, and one with room is not", () => {
  const file = new SizesOnly();
  const room = roomIn(file);
  room.makeFor(BATCH);
  file.used += 9 * PAGE_BYTES;
  file.limit = file.used + 400 * KIB;
  file.sizeBytes = Math.min(file.sizeBytes, file.limit);
  file.refusal = Object.assign(new Error("file too large"), { code: "EFBIG", errno: -27 });
  const fresh = roomIn(file);
  fresh.makeFor(BATCH);
  fresh.renew();
  assert.throws(
    () => fresh.makeFor(frames(200 * KIB)),
    (error: unknown) => error === file.refusal,
  );
  // Where there is room again, it is found.
  file.limit = Infinity;
  fresh.makeFor(frames(200 * KIB));
  assert.ok(file.sizeBytes - file.used >= 456 * KIB);
});

test("what else fails is told at once, also between two commits", () => {
  const file = new SizesOnly();
  const room = roomIn(file);
  room.makeFor(BATCH);
  file.failure = Object.assign(new Error("i/o"), { code: "EIO", errno: -5 });
  assert.throws(
    () => room.renew(),
    (error: unknown) => error === file.failure,
  );
  assert.throws(
    () => room.makeFor(frames(MIB)),
    (error: unknown) => error === file.failure,
  );
});

test("index rows are expected to take what those before have taken", () => {
  const withRows: CommitSize = { frames: [], indexRows: 1_000 };
  const room = (bytesPerRow: number): number => {
    const file = new SizesOnly();
    const room = roomIn(file);
    for (let commit = 0; commit < 20; commit += 1) {
      room.makeFor(withRows);
      file.used += 256 * KIB + 1_000 * bytesPerRow;
      // Where there was too little room, LMDB takes more by itself.
      file.sizeBytes = Math.max(file.sizeBytes, file.used);
      room.renew();
    }
    room.makeFor({ frames: [], indexRows: 4_000 });
    return file.sizeBytes - file.used;
  };
  assert.ok(room(1_500) > 11 * MIB);
  assert.ok(room(10) < 5 * MIB);
  // However dear they were, not more than that is asked for.
  assert.ok(room(40_000) < 24 * MIB);
});

test.run();
