import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Backend, RunLog } from "../../backends/Backend.ts";
import type { Lease } from "../../backends/RunCatalog.ts";
import type { IndexKey, Seq } from "../../model/entry.ts";
import type { SnapshotAnchor } from "../../model/manifest.ts";
import { anchorOf } from "./anchorLaws.ts";
import { refuses, settle } from "./answers.ts";
import { checkHolds, frameOf, startsOf } from "./frames.ts";
import { allKeys } from "./indexLaws.ts";
import type { Laws } from "./Laws.ts";
import type { LawScope } from "./LawScope.ts";

const SEEDS = [1, 2, 3];
const STEPS = 60;
const KINDS = ["k", "kk", "v"];

/** The walk's only source of chance, so that a failure can be had again (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A backend walked at random, and beside it what it must hold. */
class Walk {
  readonly #scope: LawScope;
  readonly #random: (below: number) => number;
  readonly #starts: Seq[] = [];
  readonly #seqByKind = new Map(KINDS.map((kind) => [kind, new Map<string, Seq>()]));
  #lease: Lease;
  #backend: Backend;
  #reader: RunLog;
  #watermark: Seq = 0;
  #anchor: SnapshotAnchor | undefined;

  constructor(
    scope: LawScope,
    random: (below: number) => number,
    opened: { readonly lease: Lease; readonly backend: Backend; readonly reader: RunLog },
  ) {
    this.#scope = scope;
    this.#random = random;
    this.#lease = opened.lease;
    this.#backend = opened.backend;
    this.#reader = opened.reader;
  }

  step(): Promise<void> {
    const chance = this.#random(100);
    if (chance < 45) return this.#append();
    if (chance < 55) return this.#appendOutOfOrder();
    if (chance < 65) return this.#recordAnchor();
    if (chance < 80) return this.#lookUp();
    if (chance < 90) return this.#readPage();
    return this.#reopen();
  }

  async end(): Promise<void> {
    await settle(this.#reader.refresh());
    for (const log of [this.#backend, this.#reader]) {
      await checkHolds(log, this.#watermark);
      deepStrictEqual(await settle(log.latestSnapshotAnchor()), this.#anchor);
      for (const [kind, seqByKey] of this.#seqByKind) await checkIndex(log, kind, seqByKey);
    }
    const { highWatermark } = await settle(this.#backend.seal("crashed-recovered"));
    strictEqual(highWatermark, this.#watermark);
  }

  async #append(): Promise<void> {
    const frames = Array.from({ length: 1 + this.#random(3) }, () => {
      const fromSeq = this.#watermark + 1;
      this.#starts.push(fromSeq);
      const count = 1 + this.#random(6);
      const frame = frameOf(this.#backend, fromSeq, count, (seq) => ({
        indexKeys: this.#mention(seq),
      }));
      this.#watermark += count;
      return frame;
    });
    strictEqual((await settle(this.#backend.append(frames))).toSeq, this.#watermark);
  }

  #mention(seq: Seq): readonly IndexKey[] {
    return Array.from({ length: this.#random(3) }, () => {
      const { kind, key } = this.#someKey();
      const seqByKey = this.#seqByKind.get(kind);
      if (seqByKey?.has(key) === false) seqByKey.set(key, seq);
      return { kind, key };
    });
  }

  #someKey(): IndexKey {
    const kind = KINDS[this.#random(KINDS.length)] ?? "";
    return { kind, key: `k${this.#random(80)}` };
  }

  async #appendOutOfOrder(): Promise<void> {
    const highWatermark = this.#watermark;
    const next = highWatermark + 1;
    const wrong = highWatermark === 0 || this.#random(2) === 0 ? next + 2 : next - 1;
    const frames = [frameOf(this.#backend, wrong, 1)];
    if (this.#random(2) === 0) frames.unshift(frameOf(this.#backend, next, 1));
    await refuses(this.#backend.append(frames), "TIDEMARK_OUT_OF_ORDER", { highWatermark });
  }

  async #recordAnchor(): Promise<void> {
    const anchor = anchorOf(this.#random(this.#watermark + 2), this.#random(1_000));
    const answer = this.#backend.recordSnapshotAnchor(anchor);
    const isInOrder =
      anchor.highWatermark <= this.#watermark &&
      anchor.highWatermark >= (this.#anchor?.highWatermark ?? 0);
    if (!isInOrder) {
      await refuses(answer, "TIDEMARK_OUT_OF_ORDER", { seq: anchor.highWatermark });
      return;
    }
    await settle(answer);
    this.#anchor = anchor;
  }

  async #lookUp(): Promise<void> {
    const { kind, key } = this.#someKey();
    const found = await settle(this.#backend.lookup(kind, key));
    strictEqual(found, this.#seqByKind.get(kind)?.get(key));
  }

  async #readPage(): Promise<void> {
    strictEqual(await settle(this.#reader.refresh()), this.#watermark);
    const seq = 1 + this.#random(this.#watermark + 1);
    const older = this.#starts.filter((fromSeq) => fromSeq <= seq);
    const newer = this.#starts.filter((fromSeq) => fromSeq > seq);
    const holding = seq > this.#watermark ? [] : older.slice(-1);
    deepStrictEqual(await startsOf(this.#reader, seq), [...holding, ...newer]);
    deepStrictEqual(await startsOf(this.#reader, seq, { reverse: true }), older.toReversed());
  }

  async #reopen(): Promise<void> {
    const { runId } = this.#backend.manifest;
    await settle(this.#backend.close());
    await this.#lease.release();
    this.#lease = await this.#scope.acquire();
    this.#backend = await this.#scope.recover(this.#lease, runId);
    strictEqual(this.#backend.watermark, this.#watermark);
    await settle(this.#reader.close());
    this.#reader = await this.#scope.read(this.#backend);
  }
}

/** Checks every key of a kind, by both ways of asking. */
async function checkIndex(
  log: RunLog,
  kind: string,
  seqByKey: ReadonlyMap<string, Seq>,
): Promise<void> {
  const inOrder = [...seqByKey].toSorted(([a], [b]) => (a < b ? -1 : 1));
  deepStrictEqual(await allKeys(log, kind), inOrder);
  for (const [key, seq] of inOrder) strictEqual(await settle(log.lookup(kind, key)), seq);
}

function walksFrom(seed: number): Laws {
  return {
    [`holds what a random walk put in, seed ${seed}`]: async (scope) => {
      const lease = await scope.acquire();
      const backend = await scope.create(lease);
      const reader = await scope.read(backend);
      const walk = new Walk(scope, randomOf(seed), { lease, backend, reader });
      for (let step = 0; step < STEPS; step += 1) await walk.step();
      await walk.end();
    },
  };
}

/** What holds after many steps in no particular order. */
export const walkLaws: Laws = Object.assign({}, ...SEEDS.map(walksFrom));
