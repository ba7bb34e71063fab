import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { firstValueFrom } from "rxjs";
import { readRun } from "../src/index.ts";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { judgeRun } from "./support/judgeRun.ts";
import { Tally } from "./support/Tally.ts";
import { judgeLife, NOT_REACHED } from "./syscalls/judgeLife.ts";
import { commitsBehind, durableCommitsIn, type CommitsBehind } from "./syscalls/commits.ts";
import { crash, DATA_FILE, GROUP, live, PREDECESSOR_ID, RUN_ID } from "./syscalls/Life.ts";
import {
  failuresOf,
  nameOf,
  pointsIn,
  type FailingPoint,
  type Point,
  type Role,
} from "./syscalls/points.ts";
import { Reopener } from "./syscalls/Reopener.ts";
import { missesOf } from "./syscalls/missesOf.ts";
import { missingStrace } from "./syscalls/strace.ts";

const AT_ONCE = 2;

/** One system call of a life fails, every one in its turn, with every error. */
export const syscalls: Attack = {
  name: "syscalls",
  does: "every system call of a run's life fails once, with every error that it can have",
  unit: "failed calls",
  short: 8,
  // More than there are: the sweep ends with the last of them.
  long: 10_000,
  missing: missingStrace,
  run: attackBySyscalls,
};

/** A directory whose only run was not closed by whoever wrote it. */
interface Predecessor {
  readonly directory: string;
  readonly acknowledged: number;
}

interface Sweep {
  readonly context: Context;
  readonly predecessor: Predecessor;
  readonly needed: CommitsBehind;
  readonly tally: Tally;
  readonly reopener: Reopener;
}

async function attackBySyscalls(context: Context): Promise<Outcome> {
  const tally = new Tally();
  const directory = join(context.folder(), "runs");
  const predecessor = { directory, acknowledged: await crash(directory) };
  const { points, needed } = await discover(context, predecessor);
  const failures = failuresOf(points, context.seed);
  const cases = failures.slice(context.from, context.from + context.count).entries();
  const sweep = async (): Promise<void> => {
    const reopener = new Reopener();
    for (const [at, failure] of cases) {
      await failOnce({ context, predecessor, needed, tally, reopener }, context.from + at, failure);
      tally.cases += 1;
      context.progress(tally.cases);
    }
    await reopener.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sweep));
  const notReached = tally.outcome.counts[NOT_REACHED] ?? 0;
  for (const miss of missesOf(notReached, tally.cases)) tally.breach(context.from, miss);
  return tally.outcome;
}

/** What a life without failures does. */
interface Discovered {
  readonly points: readonly Point[];
  readonly needed: CommitsBehind;
}

/** The lives whose calls are counted; they have to be good ones. */
async function discover(context: Context, predecessor: Predecessor): Promise<Discovered> {
  const points: Point[] = [];
  let needed: CommitsBehind = new Map();
  for (const role of ["main", "writer"] satisfies Role[]) {
    const folder = context.folder();
    const directory = copyOf(predecessor, folder);
    const { said, trace, ending } = await live(directory, folder, { role });
    if (said.at(-1)?.value["status"] !== "ended") {
      throw new Error(`A life without failures has failed: ${JSON.stringify(said)}`, {
        cause: ending,
      });
    }
    points.push(...pointsIn(trace, role, directory));
    if (role === "writer") needed = commitsBehind(said, durableCommitsIn(trace, DATA_FILE));
  }
  return { points, needed };
}

async function failOnce(sweep: Sweep, n: number, point: FailingPoint): Promise<void> {
  const { context, predecessor, needed, tally, reopener } = sweep;
  const folder = context.folder();
  const directory = copyOf(predecessor, folder);
  const life = await live(directory, folder, {
    role: point.role,
    failure: { directory, point },
  });
  const verdict = judgeLife(life, point, needed);
  tally.add(verdict.outcome);
  tally.add("entries acknowledged", verdict.acknowledged);
  const breaches = [...verdict.breaches, ...(await reopener.reopen(directory))];
  const { acknowledged } = predecessor;
  const claims = [{ directory, runId: PREDECESSOR_ID, acknowledged, isClosed: false }];
  // What could not be opened may have left something, or nothing.
  if (verdict.isOpened || existsSync(manifestOf(directory))) {
    claims.push({ ...verdict, directory, runId: RUN_ID });
  }
  for (const claim of claims) breaches.push(...(await judge(claim)));
  for (const breach of breaches) tally.breach(n, `${nameOf(point)}: ${breach}`);
  rmSync(folder, { recursive: true });
}

interface Claim {
  readonly directory: string;
  readonly runId: string;
  readonly acknowledged: number;
  readonly isClosed: boolean;
}

/** What of a run, once it was recovered, is not as it was told. */
async function judge(claim: Claim): Promise<string[]> {
  const { directory, runId, isClosed } = claim;
  const { breaches } = await judgeRun({ ...claim, group: GROUP });
  const all = [...breaches];
  if (breaches.length === 0) {
    await using reader = await readRun({ directory, instanceId: "default", runId });
    const { status } = reader.manifest;
    const entries = reader.entries$({ reverse: true });
    const last = await firstValueFrom(entries, { defaultValue: undefined });
    const honest = last?.topic === "run.lifecycle.RunEnded" ? "ended" : "crashed-recovered";
    if (status !== honest) all.push(`its status is ${status}, and it is ${honest}`);
    if (isClosed && status !== "ended") all.push(`it was closed, and its status is ${status}`);
  }
  return all.map((breach) => `${runId}: ${breach}`);
}

function manifestOf(directory: string): string {
  return join(directory, "default", RUN_ID, "manifest.json");
}

function copyOf({ directory }: Predecessor, folder: string): string {
  const copy = join(folder, "runs");
  cpSync(directory, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}
