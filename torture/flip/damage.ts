import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../support/Random.ts";
import { newestMetaOf, usedPagesOf } from "../damage/lmdbFile.ts";

/** What of a run's folder is hit; case n hits the one at n modulo their number. */
export const REGIONS = ["headers", "metas", "anywhere", "64 bytes", "lock"] as const;

export type Region = (typeof REGIONS)[number];

/** Damage that was done: what a breach tells of it. */
export interface Damage {
  readonly what: string;
  readonly isRollback: boolean;
  readonly hitsManifest: boolean;
  /** It is beside data.mdb. */
  readonly hitsSideFile: boolean;
}

const PAGE_BYTES = 4_096;
/** The header of a page and the first of its pointers. */
const HEADER_BYTES = 80;
/** Of a meta page, what LMDB reads. */
const META_START = 16;
const META_END = 168;
const BURST = 64;
/** Of lock.mdb, where writers note which transaction their last sync has covered (docs/format.md). */
const NOTE_START = 36_800;
const NOTE_END = 36_864;

/** Damages the folder of a run somewhere in a region. */
export function damageRun(
  folder: string,
  region: Region,
  { dice, olderFiles }: { readonly dice: Random; readonly olderFiles: readonly Buffer[] },
): Damage {
  if (region === "lock") return damageLock(folder, dice);
  if (region === "metas" && dice.chance(0.125)) return rollBack(folder, dice, olderFiles);
  const file = region === "anywhere" && dice.chance(0.125) ? sideFileOf(folder, dice) : "data.mdb";
  const isData = file === "data.mdb";
  const what = flipIn(join(folder, file), dice, (bytes) =>
    isData ? offsetsOf(bytes, region, dice) : [dice.below(bytes.length)],
  );
  return {
    what: `${file} ${what}`,
    isRollback: false,
    hitsManifest: file === "manifest.json",
    hitsSideFile: !isData,
  };
}

/**
 * Mostly the note of the last sync, which decides whether a break is a torn commit or damage. Every
 * other time something breaks in data.mdb as well.
 */
function damageLock(folder: string, dice: Random): Damage {
  const note = flipIn(join(folder, "lock.mdb"), dice, (bytes) => [lockOffsetOf(bytes, dice)]);
  const isAlone = dice.chance(0.5);
  const data = isAlone
    ? ""
    : `, data.mdb ${flipIn(join(folder, "data.mdb"), dice, (bytes) => offsetsOf(bytes, "anywhere", dice))}`;
  const what = `lock.mdb ${note}${data}`;
  return { what, isRollback: false, hitsManifest: false, hitsSideFile: false };
}

function lockOffsetOf(bytes: Buffer, dice: Random): number {
  if (dice.chance(0.25)) return dice.below(bytes.length);
  const all = Array.from({ length: NOTE_END - NOTE_START }, (_, n) => NOTE_START + n);
  const used = all.filter((offset) => bytes[offset] !== 0);
  // One place of eight is in use, and most of its bytes are zero.
  return dice.pick(used.length > 0 && dice.chance(0.5) ? used : all);
}

/** Flips bytes of a file and tells some of it. */
function flipIn(
  path: string,
  dice: Random,
  offsetsIn: (bytes: Buffer) => readonly number[],
): string {
  const bytes = readFileSync(path);
  const changes = offsetsIn(bytes).map((offset) => flip(bytes, offset, dice));
  writeFileSync(path, bytes);
  return changes.slice(0, 3).join(", ");
}

function sideFileOf(folder: string, dice: Random): string {
  const file = dice.pick(["manifest.json", "checkpoints.log"]);
  return existsSync(join(folder, file)) ? file : "manifest.json";
}

function offsetsOf(bytes: Buffer, region: Region, dice: Random): readonly number[] {
  const usedBytes = usedPagesOf(bytes) * PAGE_BYTES;
  if (region === "64 bytes") return burst(usedBytes, dice);
  if (region === "anywhere") return [dice.below(usedBytes)];
  const isMeta = region === "metas";
  const page = isMeta ? dice.below(2) : dice.pick(headerPagesOf(bytes));
  const within = isMeta ? dice.between(META_START, META_END - 1) : dice.below(HEADER_BYTES);
  return [page * PAGE_BYTES + within];
}

/** In one place, as a torn write leaves them, or all over the file. */
function burst(end: number, dice: Random): readonly number[] {
  const start = dice.below(end - BURST);
  const isTogether = dice.chance(0.5);
  return Array.from({ length: BURST }, (_, n) => (isTogether ? start + n : dice.below(end)));
}

/** Pages that have a header: the later ones of an overflow chain have none. */
function headerPagesOf(bytes: Buffer): readonly number[] {
  const numbers = Array.from({ length: usedPagesOf(bytes) - 2 }, (_, n) => n + 2);
  return numbers.filter((page) => bytes.readBigUInt64LE(page * PAGE_BYTES) === BigInt(page));
}

/** Changes one bit or the whole byte, never to what it was. */
function flip(bytes: Buffer, offset: number, dice: Random): string {
  const was = bytes[offset] ?? 0;
  const now = dice.chance(0.5) ? was ^ (1 << dice.below(8)) : (was + dice.between(1, 255)) % 256;
  bytes[offset] = now;
  return `${Math.floor(offset / PAGE_BYTES)}+${offset % PAGE_BYTES}: ${was} to ${now}`;
}

/** The file as it was once, or without its last transaction: all of it is sound. */
function rollBack(folder: string, dice: Random, olderFiles: readonly Buffer[]): Damage {
  const path = join(folder, "data.mdb");
  const older = dice.below(olderFiles.length + 1);
  const copy = olderFiles[older];
  if (copy === undefined) {
    const bytes = readFileSync(path);
    loseNewestMeta(bytes);
    writeFileSync(path, bytes);
  } else {
    writeFileSync(path, copy);
  }
  const what = copy === undefined ? "without its last transaction" : `as it was at pause ${older}`;
  return { what: `data.mdb ${what}`, isRollback: true, hitsManifest: false, hitsSideFile: false };
}

/** The newest meta page as if it had never been written: the one before it counts again. */
function loseNewestMeta(bytes: Buffer): void {
  const { at, txnId, other } = newestMetaOf(bytes);
  bytes.copy(bytes, at + META_START, other + META_START, other + META_END);
  bytes.writeBigUInt64LE(txnId - 2n, at + META_END - 16);
}
