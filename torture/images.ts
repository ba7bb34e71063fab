import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { crashImagesOf, distinct, type CrashImage } from "./images/crashImages.ts";
import type { Ignored } from "./images/Disk.ts";
import { writeImage, type Image } from "./images/Image.ts";
import { JudgePool, type Case } from "./images/JudgePool.ts";
import { compileShim, EMPTY, record, type Before, type Recording } from "./images/record.ts";
import { shuffled } from "./images/shuffled.ts";
import type { WriterSettings } from "./programs/writer.ts";
import type { Random } from "./support/Random.ts";
import { Tally } from "./support/Tally.ts";

/** Recordings in a row, each on an image of the one before: cut, recovered, written on, cut again. */
const GENERATIONS = 3;
/** Of each recording so many images are judged: one of every rule after every event, then another, … */
const IMAGES = 100;
/** A case is an image, in turn one of each generation. */
const LINEAGE = GENERATIONS * IMAGES;
const JUDGES = 2;

/** Disks that a store cannot be safe on: most of their images must be found broken. */
const CONTROLS: readonly Ignored[] = ["of files", "of folders"];
const CONTROL_IMAGES = 8;
const CONTROL_SHARE = 0.75;

/** Every state that a power cut can leave, judged as the next writer finds it. */
export const images: Attack = {
  name: "images",
  does: "power cuts: what any cut can leave of recorded writes, recovered, written on, cut again",
  unit: "images",
  short: 16,
  long: 20_000,
  missing: missingHere,
  run: attackByPowerCuts,
};

function missingHere(): string | undefined {
  if (process.platform !== "linux") return "it needs LD_PRELOAD as Linux has it";
  return spawnSync("gcc", ["--version"]).status === 0 ? undefined : "it needs gcc";
}

async function attackByPowerCuts(context: Context): Promise<Outcome> {
  const shim = compileShim(context.folder());
  const pool = new JudgePool(context.folder(), JUDGES);
  const attack = new PowerCuts(context, shim, pool);
  const end = context.from + context.count;
  try {
    for (let first = context.from - (context.from % LINEAGE); first < end; first += LINEAGE) {
      await attack.followLineage(first);
    }
    return attack.tally.outcome;
  } finally {
    pool.close();
  }
}

class PowerCuts {
  readonly tally = new Tally();
  readonly #context: Context;
  readonly #shim: string;
  readonly #pool: JudgePool;
  #hasControls = false;

  constructor(context: Context, shim: string, pool: JudgePool) {
    this.#context = context;
    this.#shim = shim;
    this.#pool = pool;
  }

  /** Generation after generation from an empty disk, and then the cases among their images. */
  async followLineage(first: number): Promise<void> {
    const generations: (readonly CrashImage[])[] = [];
    let before = EMPTY;
    for (let generation = 0; generation < GENERATIONS; generation += 1) {
      const dice = this.#context.dice(first + generation);
      const recording = await this.#record(before, first + generation);
      if (recording === undefined) break;
      const found = inTurn(distinct(crashImagesOf(recording, dice)), dice);
      this.tally.add("recordings");
      this.tally.add("recorded events", recording.events.length);
      this.tally.add("distinct images of the recordings", found.length);
      if (!this.#hasControls) await this.#control(recording, first);
      generations.push(found);
      before = dice.pick(found);
    }
    await this.#judge(this.#casesOf(generations, first));
  }

  /** What is written on an image; undefined where nobody could, which is told. */
  async #record(before: Before, n: number): Promise<Recording | undefined> {
    const folder = this.#context.folder();
    try {
      writeImage(before.image, folder);
      const settings = { directory: join(folder, "runs"), ...habitsOf(this.#context.dice(n)) };
      return await record({ shim: this.#shim, folder, settings, before });
    } catch (failure) {
      this.tally.breach(n, `${String(failure)} (kept in ${kept(before.image, n)})`);
      return undefined;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** What of a lineage lies in the slice. */
  #casesOf(generations: readonly (readonly CrashImage[])[], first: number): readonly Case[] {
    const { from, count } = this.#context;
    const begin = Math.max(from, first);
    const end = Math.min(from + count, first + LINEAGE);
    const numbers = Array.from({ length: end - begin }, (_, at) => begin + at);
    return numbers.flatMap((n) => {
      const at = n - first;
      const crash = generations[at % GENERATIONS]?.[Math.floor(at / GENERATIONS)];
      return crash === undefined ? [] : [{ n, crash }];
    });
  }

  async #judge(cases: readonly Case[]): Promise<void> {
    await this.#pool.judge(cases, ({ n, crash }, { breaches, recovered }) => {
      this.tally.cases += 1;
      this.tally.add(`images of ${crash.rule}`);
      for (const status of recovered) this.tally.add(`runs recovered as ${status}`);
      this.#context.progress(this.tally.cases);
      if (breaches.length > 0) this.#tell({ n, crash }, breaches);
    });
  }

  #tell({ n, crash }: Case, breaches: readonly string[]): void {
    const where = `after event ${crash.event}, ${crash.rule}, kept in ${kept(crash.image, n)}`;
    this.tally.breach(n, `${breaches.join("; ")} (${where})`);
  }

  /** The same recording on disks that say of some syncs that they are done, and do nothing. */
  async #control(recording: Recording, first: number): Promise<void> {
    this.#hasControls = true;
    for (const ignored of CONTROLS) {
      const dice = this.#context.dice(first);
      const all = shuffled([...crashImagesOf(recording, dice, ignored)], dice);
      const claimed = all.filter(({ claims, rule }) => claims.length > 0 && !isNearlyAll(rule));
      const cases = claimed.slice(0, CONTROL_IMAGES).map((crash, n) => ({ n, crash }));
      let broken = 0;
      await this.#pool.judge(cases, (_, { breaches }) => {
        if (breaches.length > 0) broken += 1;
      });
      this.tally.add(`controls: broken of ${CONTROL_IMAGES} without the syncs ${ignored}`, broken);
      if (broken < CONTROL_IMAGES * CONTROL_SHARE) {
        this.tally.breach(first, `a disk that ignores the syncs ${ignored} goes unnoticed`);
      }
    }
  }
}

/** How a recorded writer writes: mostly little, so that there are not too many images of it. */
function habitsOf(dice: Random): Omit<WriterSettings, "directory"> & { readonly group: number } {
  const habits = { inFlight: dice.between(1, 4), hasKeys: dice.chance(0.5) };
  // So many entries, and so much time, that heads are remembered beside the log on the way, and large
  // transactions are handed over while others are committed.
  if (dice.chance(0.03)) return { ...habits, inFlight: 20, group: 500, groups: 40 };
  const pauses = dice.chance(0.1) ? { pauseMs: 600 } : {};
  return { ...habits, ...pauses, group: dice.between(1, 20), groups: dice.between(2, 8) };
}

/** An image that broke a promise, for whoever looks into it; it stays when the attack is over. */
function kept(image: Image, n: number): string {
  const folder = mkdtempSync(join(tmpdir(), `tidemark-image-${n}-`));
  writeImage(image, folder);
  return folder;
}

/** Whatever was synced or not, hardly anything is missing there. */
function isNearlyAll(rule: CrashImage["rule"]): boolean {
  return rule === "everything" || rule === "all but one";
}

/** One image of each rule after each event, then another of each, … */
function inTurn(found: readonly CrashImage[], dice: Random): readonly CrashImage[] {
  const taken = new Map<string, number>();
  const ranked = shuffled(found, dice).map((crash) => {
    const group = `${crash.event} ${crash.rule}`;
    const rank = taken.get(group) ?? 0;
    taken.set(group, rank + 1);
    return { crash, rank };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ crash }) => crash);
}
