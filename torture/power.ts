import { join } from "node:path";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { compiled } from "./loopDisk/compiled.ts";
import { cutWriter, type CutPlan } from "./loopDisk/cutWriter.ts";
import { disksOf, type CasesOfADisk } from "./loopDisk/disksOf.ts";
import { Generations, GROUP, type GenerationSettings } from "./loopDisk/Generations.ts";
import { controlFault, type Controls } from "./loopDisk/controlFault.ts";
import { FILE_SYSTEMS, LoopDisk } from "./loopDisk/LoopDisk.ts";
import { whyNoLoopDisks } from "./loopDisk/whyNoLoopDisks.ts";
import { groupsInFlight } from "./support/groupsInFlight.ts";
import { judgeRun } from "./support/judgeRun.ts";
import type { Random } from "./support/Random.ts";
import { Tally } from "./support/Tally.ts";

/** Cases of one disk: cuts of one directory, one after the other, and as the last the control. */
const CASES_OF_A_DISK = 11;
const LATEST_CUT_MS = 120;
/** A real file system that is shut down under the writer. */
export const power: Attack = {
  name: "power",
  does: "the power of an ext4 or xfs cut under a writer, generation after generation",
  unit: "cuts",
  short: 2 * CASES_OF_A_DISK,
  long: 40 * CASES_OF_A_DISK,
  missing: whyNoLoopDisks,
  run: attackByPower,
};

async function attackByPower(context: Context): Promise<Outcome> {
  const tally = new Tally();
  for (const cases of disksOf(context, CASES_OF_A_DISK)) await attackDisk(context, cases, tally);
  const last = context.from + context.count - 1;
  // A slice without a case for it has one besides: no slice passes on the word of another one.
  if (tally.cases > 0 && controlsOf(tally).all === 0) await controlBesides(context, last, tally);
  const fault = controlFault(controlsOf(tally));
  if (fault !== undefined) tally.breach(last, fault);
  return tally.outcome;
}

function controlsOf(tally: Tally): Controls {
  const { controls = 0, "controls that lost": losing = 0 } = tally.outcome.counts;
  return { all: controls, losing };
}

async function controlBesides(context: Context, n: number, tally: Tally): Promise<void> {
  await using disk = await LoopDisk.make(FILE_SYSTEMS[0], context.folder());
  await cutWithoutSyncs(n, { disk, tally, folder: context.folder(), dice: context.dice(n) });
}

async function attackDisk(
  context: Context,
  { fileSystem, from, end }: CasesOfADisk,
  tally: Tally,
): Promise<void> {
  await using disk = await LoopDisk.make(fileSystem, context.folder());
  const generations = new Generations(disk, "runs", tally);
  for (let n = from; n < end; n += 1) {
    const dice = context.dice(n);
    if (n % CASES_OF_A_DISK === CASES_OF_A_DISK - 1) {
      await cutWithoutSyncs(n, { disk, tally, folder: context.folder(), dice });
    } else {
      await generations.cut(n, settingsOf(dice), planOf(dice, generations));
      tally.add(`cuts of ${fileSystem}`);
    }
    tally.cases += 1;
    context.progress(n + 1 - context.from);
  }
  await generations.finish(end - 1);
}

function settingsOf(dice: Random): GenerationSettings {
  return { inFlight: groupsInFlight(dice), hasKeys: dice.chance(0.5) };
}

function planOf(dice: Random, generations: Generations): CutPlan {
  const isKilled = dice.chance(0.25);
  const delayMs = dice.between(0, LATEST_CUT_MS);
  const predecessor = generations.folders.at(-1);
  // Some are cut while they recover, which is what writes in an older run.
  const isRecovering = dice.chance(0.25) && predecessor !== undefined;
  if (!isRecovering) return { after: "open", delayMs, isKilled };
  return { after: { changeIn: join(generations.instanceFolder, predecessor) }, delayMs, isKilled };
}

interface Control {
  readonly disk: LoopDisk;
  readonly tally: Tally;
  readonly folder: string;
  readonly dice: Random;
}

/** A writer that forces nothing to disk must lose what it has acknowledged. */
async function cutWithoutSyncs(n: number, { disk, tally, folder, dice }: Control): Promise<void> {
  const noSync = compiled("noSync.c", folder, ["-shared", "-fPIC"]);
  const name = `control-${n}`;
  const plan: CutPlan = {
    after: "open",
    delayMs: dice.between(0, LATEST_CUT_MS),
    isKilled: true,
    // What goes to the kernel by a ring does not come by the preloaded functions.
    env: { LD_PRELOAD: noSync, UV_USE_IO_URING: "0" },
  };
  const settings = { directory: join(disk.root, name), group: GROUP };
  const { runId, acknowledged } = (await cutWriter(disk, settings, plan)).log;
  await disk.replay();
  if (runId === undefined) return tally.breach(n, "the control has not opened");
  const directory = join(disk.seen, name);
  const { breaches } = await judgeRun({ directory, runId, acknowledged, group: GROUP });
  tally.add("controls");
  if (breaches.length > 0) tally.add("controls that lost");
}
