import type { Attack, Context, Outcome } from "./Attack.ts";
import type { WriterSettings } from "./programs/writer.ts";
import { ChildProgram } from "./support/ChildProgram.ts";
import { judgeRun } from "./support/judgeRun.ts";
import { recoverAll } from "./support/recoverAll.ts";
import { Tally } from "./support/Tally.ts";
import { WriterLog } from "./support/WriterLog.ts";

const GROUP = 10;
/** Kills of the same directory, one after the other: each recovers what the one before left. */
const GENERATIONS = 25;
const LATEST_KILL_MS = 120;

/** kill -9 of a writer at any moment, again and again in one directory. */
export const kill: Attack = {
  name: "kill",
  does: "kill -9 of a writer at random moments, generation after generation in one directory",
  unit: "kills",
  short: 10,
  long: 3_000,
  run: attackByKill,
};

async function attackByKill(context: Context): Promise<Outcome> {
  const tally = new Tally();
  for (let from = context.from; from < context.from + context.count; from += GENERATIONS) {
    const end = Math.min(from + GENERATIONS, context.from + context.count);
    const directory = context.folder();
    const logs: WriterLog[] = [];
    for (let n = from; n < end; n += 1) {
      logs.push(await killOnce(context, { n, directory, tally }));
      tally.cases += 1;
      context.progress(tally.cases);
    }
    await recoverAll(directory);
    for (const [index, log] of logs.entries())
      await judge(log, { directory, n: from + index, tally });
  }
  return tally.outcome;
}

interface Case {
  readonly n: number;
  readonly directory: string;
  readonly tally: Tally;
}

async function killOnce(context: Context, { n, directory, tally }: Case): Promise<WriterLog> {
  const dice = context.dice(n);
  const settings: WriterSettings = {
    directory,
    group: GROUP,
    inFlight: dice.between(1, 6),
    hasKeys: dice.chance(0.5),
  };
  const child = new ChildProgram("writer", [JSON.stringify(settings)]);
  const log = new WriterLog(child);
  // Some die before they are open: while they create or recover.
  const isEarly = dice.chance(0.25);
  const early = isEarly ? setTimeout(() => child.kill(), dice.between(150, 600)) : undefined;
  await log.begun;
  clearTimeout(early);
  const late = setTimeout(() => child.kill(), dice.between(0, LATEST_KILL_MS));
  const { exit, stderr } = await child.ended;
  clearTimeout(late);
  await log.read;
  if (exit !== "SIGKILL") tally.breach(n, `the writer ended by ${exit}: ${stderr}`);
  if (log.halt !== undefined) tally.breach(n, `the writer halted: ${JSON.stringify(log.halt)}`);
  // Whoever was there before is dead: nothing may keep the next one from opening and writing.
  if (log.failure !== undefined) tally.breach(n, `it failed: ${JSON.stringify(log.failure)}`);
  tally.add(log.runId === undefined ? "killed while opening" : "killed while writing");
  return log;
}

async function judge(log: WriterLog, { directory, n, tally }: Case): Promise<void> {
  const { runId, acknowledged } = log;
  if (runId === undefined) return;
  const { watermark, breaches } = await judgeRun({
    directory,
    runId,
    acknowledged,
    group: GROUP,
    // Its writer never closes it, so there is no other end.
    statuses: ["crashed-recovered"],
  });
  for (const breach of breaches) tally.breach(n, `${runId}: ${breach}`);
  tally.add("entries acknowledged", acknowledged);
  tally.add("entries found beyond the acknowledged", watermark - acknowledged);
}
