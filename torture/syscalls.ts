import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Attack, Context, Outcome } from "./Attack.ts";
import type { LifeKind } from "./programs/life.ts";
import { Tally } from "./support/Tally.ts";
import { discover, type Discovered, type Place } from "./syscalls/discover.ts";
import { judgeLife, NOT_REACHED, type LifeVerdict } from "./syscalls/judgeLife.ts";
import { judgeOwnRun, judgePredecessor } from "./syscalls/judgeRuns.ts";
import { crash, DIRECTORY, live } from "./syscalls/Life.ts";
import { missesOf } from "./syscalls/missesOf.ts";
import { DRAWERS, failuresIn, nameOf, type DrawnPoint } from "./syscalls/points.ts";
import { Reopener } from "./syscalls/Reopener.ts";
import { missingStrace } from "./syscalls/strace.ts";

const AT_ONCE = 2;
/** No two lives make quite the same calls. */
const TRIES = 4;
const LIVES: readonly LifeKind[] = ["first", "next"];

/** One system call of a life fails, every one in its turn, with every error. */
export const syscalls: Attack = {
  name: "syscalls",
  does: "every system call of a run's life on its files fails once, with every error that it can have",
  unit: "failed calls",
  // Drawers, which have about one case each.
  short: 8,
  long: DRAWERS,
  missing: missingStrace,
  run: attackBySyscalls,
};

/** A directory whose only run was not closed by whoever wrote it. */
interface Predecessor {
  readonly root: string;
  readonly acknowledged: number;
}

interface Sweep {
  readonly context: Context;
  readonly predecessor: Predecessor;
  readonly discovered: ReadonlyMap<LifeKind, Discovered>;
  readonly tally: Tally;
  readonly reopener: Reopener;
}

async function attackBySyscalls(context: Context): Promise<Outcome> {
  const tally = new Tally();
  const root = join(context.folder(), "runs");
  const predecessor = { root, acknowledged: await crash(root) };
  const discovered = new Map<LifeKind, Discovered>();
  for (const life of LIVES) {
    discovered.set(life, await discover(life, () => placeFor(life, context, predecessor)));
  }
  const points = [...discovered.values()].flatMap((found) => found.points);
  tally.add("drawers", Math.min(context.count, Math.max(0, DRAWERS - context.from)));
  const failures = failuresIn(points, context).values();
  const sweep = async (): Promise<void> => {
    const reopener = new Reopener();
    for (const failure of failures) {
      await reach({ context, predecessor, discovered, tally, reopener }, failure);
      context.progress(tally.cases);
    }
    await reopener.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sweep));
  const notReached = tally.outcome.counts[NOT_REACHED] ?? 0;
  for (const miss of missesOf(notReached, tally.cases)) tally.breach(context.from, miss);
  return tally.outcome;
}

/** Lets a call fail; a life that did not make it is no case. */
async function reach(sweep: Sweep, point: DrawnPoint): Promise<void> {
  const { tally } = sweep;
  for (let tried = 1; tried <= TRIES; tried += 1) {
    const { outcome } = await failOnce(sweep, point);
    if (outcome === NOT_REACHED && tried < TRIES) continue;
    tally.add(outcome);
    if (outcome !== NOT_REACHED) tally.cases += 1;
    return;
  }
}

async function failOnce(sweep: Sweep, point: DrawnPoint): Promise<LifeVerdict> {
  const { context, predecessor, discovered, tally, reopener } = sweep;
  const { life, role, drawer } = point;
  const { root, folder } = placeFor(life, context, predecessor);
  const lived = await live(root, folder, { life, role, failure: { root, point } });
  const verdict = judgeLife(lived, point, discovered.get(life)?.needed ?? new Map());
  tally.add("entries acknowledged", verdict.acknowledged);
  const breaches = [
    ...verdict.breaches,
    ...(await reopener.reopen(join(root, DIRECTORY))),
    ...(await judgeOwnRun(root, verdict)),
    ...(life === "first" ? [] : await judgePredecessor(root, predecessor.acknowledged)),
  ];
  for (const breach of breaches) tally.breach(drawer, `${nameOf(point)}: ${breach}`);
  rmSync(folder, { recursive: true });
  return verdict;
}

/** Where a life can take place: for the first one there is nothing yet. */
function placeFor(life: LifeKind, context: Context, predecessor: Predecessor): Place {
  const folder = context.folder();
  const root = join(folder, "runs");
  if (life === "first") mkdirSync(root);
  else cpSync(predecessor.root, root, { recursive: true, preserveTimestamps: true });
  return { root, folder };
}
