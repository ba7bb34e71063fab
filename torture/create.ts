import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Context, Outcome } from "./Attack.ts";
import type { CutPlan } from "./loopDisk/cutWriter.ts";
import { ordinaryDisk, type Disk } from "./loopDisk/Disk.ts";
import { disksOf } from "./loopDisk/disksOf.ts";
import { Generations, GROUP, type GenerationSettings } from "./loopDisk/Generations.ts";
import { LoopDisk } from "./loopDisk/LoopDisk.ts";
import { whyNoLoopDisks } from "./loopDisk/whyNoLoopDisks.ts";
import type { Random } from "./support/Random.ts";
import { Tally } from "./support/Tally.ts";

const CASES_OF_A_DISK = 10;
/** What becomes the manifest: the last step of creation, and of the seal. */
const DRAFT = "manifest.json.tmp";
/** Some take longer than that, most of them far less. */
const LONG_CREATION_MS = 150;
const LONG_SEAL_MS = 60;
const LAST_STEP_MS = 15;
const MAX_GROUPS = 4;

/** A cut in the middle of what makes a run, or of what ends it. */
export const create: Attack = {
  name: "create",
  does: "the power cut (without root: kill -9) while a run is made or sealed",
  unit: "cuts",
  short: 2 * CASES_OF_A_DISK,
  long: 40 * CASES_OF_A_DISK,
  run: attackCreation,
};

interface Ground {
  readonly disk: Disk;
  readonly generations: Generations;
  readonly tally: Tally;
}

type Aim = Pick<CutPlan, "after" | "delayMs">;

async function attackCreation(context: Context): Promise<Outcome> {
  const tally = new Tally();
  const hasPower = whyNoLoopDisks() === undefined;
  for (const { fileSystem, from, end } of disksOf(context, CASES_OF_A_DISK)) {
    const folder = context.folder();
    await using disk = hasPower ? await LoopDisk.make(fileSystem, folder) : ordinaryDisk(folder);
    const generations = new Generations(disk, "runs", tally);
    for (let n = from; n < end; n += 1) {
      await cutOnce(n, context.dice(n), { disk, generations, tally });
      tally.add(hasPower ? `cuts of ${fileSystem}` : "kills");
      tally.cases += 1;
      context.progress(n + 1 - context.from);
    }
    await generations.finish(end - 1);
  }
  return tally.outcome;
}

async function cutOnce(n: number, dice: Random, ground: Ground): Promise<void> {
  const { disk, generations, tally } = ground;
  const isSeal = dice.chance(0.5);
  const groups = dice.between(1, MAX_GROUPS);
  const settings: GenerationSettings = { inFlight: 1, ...(isSeal ? { groups } : {}) };
  const before = generations.folders;
  const plan = isSeal
    ? sealPlan(dice, 1 + groups * GROUP, generations)
    : creationPlan(dice, generations);
  const { log } = await generations.cut(n, settings, {
    ...plan,
    isKilled: disk.cutsProcessesOnly || dice.chance(0.5),
  });
  const made = generations.folders.find((name) => !before.includes(name));
  const isTold = (isSeal ? log.closed : log.runId) !== undefined;
  const found = made === undefined ? "nothing" : foundIn(join(generations.instanceFolder, made));
  tally.add(`${isSeal ? "seal" : "creation"}, ${isTold ? "" : "not "}told: ${found}`);
}

/** From the folder on, or from the last step on, before which it is no run. */
function creationPlan(dice: Random, { growingFolder }: Generations): Aim {
  const isLast = dice.chance(0.5);
  return {
    after: { changeIn: growingFolder, ...(isLast ? { name: DRAFT } : {}) },
    delayMs: delayOf(dice, isLast ? LAST_STEP_MS : LONG_CREATION_MS),
  };
}

/** From the last entry of the caller on, or from the last step on, before which it is not sealed. */
function sealPlan(dice: Random, seq: number, { instanceFolder }: Generations): Aim {
  const isLast = dice.chance(0.5);
  return {
    after: { seq, ...(isLast ? { followedBy: { instanceFolder, name: DRAFT } } : {}) },
    delayMs: delayOf(dice, isLast ? LAST_STEP_MS : LONG_SEAL_MS),
  };
}

/** The square prefers what is early: the quick steps are cut as often as the slow ones. */
function delayOf(dice: Random, longMs: number): number {
  return dice.next() ** 2 * longMs;
}

/** What a folder is, by its manifest. */
function foundIn(folder: string): string {
  const path = join(folder, "manifest.json");
  if (!existsSync(path)) return "a folder without a manifest";
  // Whether it is one is judged elsewhere.
  const status = /"status": ?"([a-z-]+)"/.exec(readFileSync(path, "utf8"))?.[1];
  return status ?? "a broken manifest";
}
