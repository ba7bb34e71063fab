import { setTimeout as wait } from "node:timers/promises";
import type { Attack, Context, Outcome } from "./Attack.ts";
import type { WriterSettings } from "./programs/writer.ts";
import { ChildProgram } from "./support/ChildProgram.ts";
import type { Random } from "./support/Random.ts";
import { judgeRun } from "./support/judgeRun.ts";
import { writerPids } from "../test/support/writerPids.ts";
import { recoverAll } from "./support/recoverAll.ts";
import { Tally } from "./support/Tally.ts";
import { WriterLog } from "./support/WriterLog.ts";

const GROUP = 10;
/** How long a writer that was taken over may take to find out. */
const FENCED_WITHIN_MS = 10_000;
const GOES_ON_MS = 60;

/** A writer that is stopped, believed dead, and wakes up when another one has taken over. */
export const zombie: Attack = {
  name: "zombie",
  does: "SIGSTOP of a writer, a second one starts, SIGCONT: the first must overwrite nothing",
  unit: "zombies",
  short: 5,
  long: 200,
  missing: () => (process.platform === "linux" ? undefined : "it reads /proc"),
  run: attackByZombies,
};

async function attackByZombies(context: Context): Promise<Outcome> {
  const tally = new Tally();
  for (let n = context.from; n < context.from + context.count; n += 1) {
    await wakeOne(context, n, tally);
    tally.cases += 1;
    context.progress(tally.cases);
  }
  return tally.outcome;
}

interface Writer {
  readonly child: ChildProgram;
  readonly log: WriterLog;
}

async function wakeOne(context: Context, n: number, tally: Tally): Promise<void> {
  const directory = context.folder();
  const [first, second] = await meet(context.dice(n), directory);
  const writers = [first, second];
  for (const { child } of writers) child.kill();
  await Promise.all(writers.flatMap(({ child, log }) => [child.ended, log.read]));
  tally.add(outcomeOf(first.log, second.log));

  await recoverAll(directory);
  for (const breach of judgeFence(first.log, second.log)) tally.breach(n, breach);
  for (const { log } of writers) {
    for (const breach of await judge(log, directory, second.log)) tally.breach(n, breach);
  }
}

/** Stops the first writer, starts the second, wakes the first, and lets them find out. */
async function meet(dice: Random, directory: string): Promise<readonly [Writer, Writer]> {
  const settings: WriterSettings = {
    directory,
    group: GROUP,
    inFlight: dice.between(1, 4),
    // A program whose writer alone was stopped finds out by this.
    writer: { commitTimeoutMs: 700 },
  };
  const first = start(settings);
  await first.log.begun;
  await wait(dice.between(0, 60));
  const stopped = pidsOf(first.child, dice.pick(["program", "writer", "both"]));
  for (const pid of stopped) process.kill(pid, "SIGSTOP");

  // In a network namespace of its own the second one cannot see the lease: there the epoch fences.
  const isBlind = dice.chance(0.7) && process.getuid?.() === 0;
  const second = start(settings, isBlind ? ["unshare", "-n"] : []);
  await second.log.begun;
  for (const pid of stopped) wake(pid);
  // One that was fenced ends by itself; one that kept its run goes on until it is killed.
  const isTakenOver = second.log.recovered.length > 0;
  await Promise.race([first.child.ended, wait(isTakenOver ? FENCED_WITHIN_MS : GOES_ON_MS)]);
  return [first, second];
}

/** What the first writer must not have said once the second had taken its run over. */
function judgeFence(first: WriterLog, second: WriterLog): readonly string[] {
  const takenOver = second.recovered.find(({ runId }) => runId === first.runId);
  if (takenOver === undefined) return [];
  const breaches: string[] = [];
  if (first.halt === undefined) breaches.push("the first writer did not halt");
  if (first.acknowledged > takenOver.highWatermark) {
    breaches.push(`acknowledged ${first.acknowledged} beyond ${takenOver.highWatermark}`);
  }
  return breaches;
}

async function judge(
  log: WriterLog,
  directory: string,
  second: WriterLog,
): Promise<readonly string[]> {
  const { runId, acknowledged } = log;
  if (runId === undefined) return [];
  const { watermark, breaches } = await judgeRun({ directory, runId, acknowledged, group: GROUP });
  const sealed = second.recovered.find((run) => run.runId === runId);
  const isGrown = sealed !== undefined && sealed.highWatermark !== watermark;
  const all = isGrown ? [...breaches, `it grew to ${watermark} after it was sealed`] : breaches;
  return all.map((breach) => `${runId}: ${breach}`);
}

function start(settings: WriterSettings, under: readonly string[] = []): Writer {
  const child = new ChildProgram("writer", [JSON.stringify(settings)], { under });
  return { child, log: new WriterLog(child) };
}

function wake(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch (error) {
    // A program gets rid of a writer that does not answer.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function pidsOf({ process: { pid = 0 } }: ChildProgram, which: string): readonly number[] {
  const writer = writerPids(pid)[0];
  if (which === "program" || writer === undefined) return [pid];
  return which === "writer" ? [writer] : [pid, writer];
}

function outcomeOf(first: WriterLog, second: WriterLog): string {
  if (second.failure !== undefined) return `second refused: ${second.failure.code}`;
  return first.halt === undefined ? "first went on" : `first halted: ${first.halt.kind}`;
}
