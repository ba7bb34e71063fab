import type { Attack, Context, Outcome } from "./Attack.ts";
import { die, type Death } from "./kill/Death.ts";
import { judgeDeath } from "./kill/judgeDeath.ts";
import { GROUP, judgeDirectory } from "./kill/judgeDirectory.ts";
import type { WriterSettings } from "./programs/writer.ts";
import { groupsInFlight } from "./support/groupsInFlight.ts";
import type { Random } from "./support/Random.ts";
import { recoverAll } from "./support/recoverAll.ts";
import { Tally } from "./support/Tally.ts";

/** Kills of the same directory, one after the other: each recovers what the one before left. */
const GENERATIONS = 25;

/** kill -9 at any moment, again and again in one directory. */
export const kill: Attack = {
  name: "kill",
  does: "kill -9 of a program, its writer process or both at random moments, generation after generation",
  unit: "kills",
  short: 10,
  long: 3_000,
  missing: () => (process.platform === "linux" ? undefined : "it reads /proc"),
  run: attackByKill,
};

async function attackByKill(context: Context): Promise<Outcome> {
  const tally = new Tally();
  for (let from = context.from; from < context.from + context.count; from += GENERATIONS) {
    const end = Math.min(from + GENERATIONS, context.from + context.count);
    const directory = context.folder();
    const deaths: Death[] = [];
    for (let n = from; n < end; n += 1) {
      const dice = context.dice(n);
      const death = await die(dice, settingsOf(dice, directory));
      deaths.push(death);
      for (const breach of judgeDeath(death)) tally.breach(n, breach);
      tally.add(`killed while ${stageOf(death)}: ${death.killed}`);
      tally.cases += 1;
      context.progress(tally.cases);
    }
    await judge({ directory, deaths, from, tally });
  }
  return tally.outcome;
}

function settingsOf(dice: Random, directory: string): WriterSettings {
  const inFlight = groupsInFlight(dice);
  return { directory, group: GROUP, inFlight, hasKeys: dice.chance(0.5) };
}

function stageOf({ log }: Death): string {
  return log.runId === undefined ? "opening" : "writing";
}

async function judge({
  directory,
  deaths,
  from,
  tally,
}: {
  readonly directory: string;
  readonly deaths: readonly Death[];
  readonly from: number;
  readonly tally: Tally;
}): Promise<void> {
  const lastRunId = await recoverAll(directory);
  const last = deaths.length - 1;
  for (const remains of await judgeDirectory({ directory, deaths, lastRunId })) {
    const { death = last, watermark, breaches } = remains;
    for (const breach of breaches) tally.breach(from + death, breach);
    const log = remains.death === undefined ? undefined : deaths[remains.death]?.log;
    if (log === undefined) continue;
    tally.add("entries acknowledged", log.acknowledged);
    tally.add("entries found beyond the acknowledged", watermark - log.acknowledged);
  }
}
