import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { checkDataFileSync } from "../../../src/backends/lmdb/datafile/checkDataFile.ts";
import { LmdbReads } from "../../../src/backends/lmdb/LmdbReads.ts";
import { LogWriter } from "../../../src/backends/lmdb/LogWriter.ts";
import { writeManifest } from "../../../src/backends/lmdb/manifestFile.ts";
import { randomOf } from "./datafile/support/random.ts";
import { frameOf, manifestOf } from "./sampleFrames.ts";

export const SECTOR_BYTES = 512;
const MAX_SUBSETS = 64;
const GO_ON_COMMITS = 5;
const ALL_BYTES = { maxBytes: 2 ** 30 };
const { runId } = manifestOf(1n);

/** data.mdb before and after a commit. */
export interface Commit {
  readonly before: Buffer;
  readonly after: Buffer;
}

export type Step = (writer: LogWriter, n: number) => void;

function appendOf(count: number, bytes: number, keys: number): Step {
  return (writer, n) => {
    const { watermark } = writer.state;
    const indexKeys = Array.from({ length: keys }, (_, at) => ({
      kind: "id",
      key: String(((n * keys + at) * 7_919) % 100_003).padStart(60, "0"),
    }));
    const payload = Buffer.alloc(bytes, n);
    writer.append([frameOf(watermark + 1, count, { payload, indexKeys }).bytes]);
  };
}

export function recordAnchor(writer: LogWriter, n: number): void {
  const highWatermark = Math.min(n, writer.state.watermark);
  const anchor = { highWatermark, blobRef: `blob ${n}`, contentHash: "h" };
  writer.recordSnapshotAnchor(anchor);
}

/** The last of so many commits, in a run's folder that has no lock file any more. */
export async function lastOf(steps: readonly Step[], folder: string): Promise<Commit> {
  const file = path.join(folder, "data.mdb");
  const writer = await LogWriter.open({ folder, mode: "create", runId });
  await writeManifest(folder, manifestOf(1n));
  let before = readFileSync(file);
  for (const [n, step] of steps.entries()) {
    before = readFileSync(file);
    step(writer, n);
  }
  const after = readFileSync(file);
  await writer.close();
  forgetNotes(folder);
  return { before, after };
}

/** Removes what knows better than data.mdb, as a power cut may. */
function forgetNotes(folder: string): void {
  rmSync(path.join(folder, "lock.mdb"));
  rmSync(path.join(folder, "checkpoints.log"), { force: true });
}

/** Where pieces of the file differ. */
export function changesOf({ before, after }: Commit, pieceBytes: number): readonly number[] {
  const changes: number[] = [];
  for (let at = 0; at < after.length; at += pieceBytes) {
    const [old, written] = [before, after].map((bytes) => bytes.subarray(at, at + pieceBytes));
    if (written !== undefined && old?.equals(written) !== true) changes.push(at);
  }
  return changes;
}

/** What is there when of the changed pieces these have got to the disk. */
export function imageOf(
  { before, after }: Commit,
  pieces: readonly number[],
  pieceBytes: number,
): Buffer {
  const image = Buffer.concat([before, Buffer.alloc(Math.max(0, after.length - before.length))]);
  for (const at of pieces) after.copy(image, at, at, at + pieceBytes);
  return image;
}

/** Every subset of some pieces, or so many by lot where there are too many. */
export function* subsetsOf(pieces: readonly number[], seed: number): Generator<readonly number[]> {
  const random = randomOf(seed);
  const all = 2 ** pieces.length;
  for (let n = 0; n < Math.min(all, MAX_SUBSETS); n += 1) {
    const bits = all <= MAX_SUBSETS ? n : undefined;
    const share = random(100);
    yield pieces.filter((_, at) =>
      bits === undefined ? random(100) < share : (bits >> at) % 2 === 1,
    );
  }
}

/** Everything that can be read of a log. */
export async function contentOf(folder: string): Promise<string> {
  const reads = new LmdbReads(folder);
  try {
    const frames = await reads.framesFrom(1, ALL_BYTES);
    const keys = await reads.indexKeys("id");
    const anchor = await reads.latestSnapshotAnchor();
    const texts = frames.map((frame) => Buffer.from(frame).toString("latin1"));
    return JSON.stringify([texts, keys, anchor]);
  } finally {
    await reads.close();
  }
}

export async function contentAs(folder: string, bytes: Buffer): Promise<string> {
  writeFileSync(path.join(folder, "data.mdb"), bytes);
  return contentOf(folder);
}

async function framesIn(folder: string): Promise<readonly Uint8Array[]> {
  const reads = new LmdbReads(folder);
  try {
    return await reads.framesFrom(1, ALL_BYTES);
  } finally {
    await reads.close();
  }
}

/** Lets LMDB go on from what is there, until it has used free pages again; nothing goes away by it. */
export async function goOn(folder: string): Promise<void> {
  const before = await framesIn(folder);
  const writer = await LogWriter.open({ folder, mode: "recover", runId });
  for (let n = 0; n < GO_ON_COMMITS; n += 1) KEYED(writer, 1_000 + n);
  await writer.close();
  checkDataFileSync(folder, "full");
  const after = await framesIn(folder);
  assert.is(after.length, before.length + GO_ON_COMMITS);
  assert.equal(after.slice(0, before.length), before);
  forgetNotes(folder);
}

const SMALL = appendOf(1, 40, 0);
const KEYED = appendOf(3, 200, 2);
const LARGE = appendOf(2, 9_000, 1);
export const COMMITS: Readonly<Record<string, readonly Step[]>> = {
  "the first one": [SMALL],
  "small ones in one leaf": [SMALL, SMALL, SMALL],
  "ones that split a leaf": Array.from({ length: 14 }, () => SMALL),
  // Their list of free pages is as long as the one that its page held before.
  "ones after which a list of free pages can be torn": Array.from({ length: 29 }, () => SMALL),
  "ones with keys": Array.from({ length: 40 }, () => KEYED),
  "large ones": Array.from({ length: 12 }, () => LARGE),
  "large ones with many keys": [...Array.from({ length: 30 }, () => KEYED), appendOf(40, 2_000, 5)],
  "anchors in a row": [
    ...Array.from({ length: 7 }, () => appendOf(5, 40, 0)),
    ...Array.from({ length: 7 }, () => recordAnchor),
  ],
  // Pages are used again every few commits: what is in the place of a row may be an anchor of long ago.
  "anchors with one watermark": [SMALL, ...Array.from({ length: 9 }, () => recordAnchor)],
  "an anchor": [...Array.from({ length: 20 }, () => KEYED), recordAnchor, SMALL, recordAnchor],
};
