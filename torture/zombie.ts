import { listRuns } from "../src/index.ts";
import type { Attack, Context, Outcome } from "./Attack.ts";
import { judgeRun } from "./support/judgeRun.ts";
import { parentFaults } from "./support/parentFaults.ts";
import { recoverAll } from "./support/recoverAll.ts";
import { Tally } from "./support/Tally.ts";
import type { WriterLog } from "./support/WriterLog.ts";
import {
  fenceFault,
  isMetInACommit,
  isOvertaken,
  isUnseen,
  judgeMeeting,
  refusalFault,
} from "./zombie/judgeMeeting.ts";
import { GROUP, meet, type Meeting } from "./zombie/meet.ts";

const OVERTAKEN = "first overtaken";
const UNSEEN = "second opened unseen";
const MET = "second refused in the moment of a commit";

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
  const { [OVERTAKEN]: overtaken = 0, "first halted: fenced": fenced = 0 } = tally.outcome.counts;
  const { [UNSEEN]: unseen = 0, [MET]: met = 0 } = tally.outcome.counts;
  for (const fault of [fenceFault(overtaken, fenced), refusalFault(unseen, met)]) {
    if (fault !== undefined) tally.breach(context.from + context.count - 1, fault);
  }
  return tally.outcome;
}

async function wakeOne(context: Context, n: number, tally: Tally): Promise<void> {
  const directory = context.folder();
  const meeting = await meet(context.dice(n), directory);
  const { first, second } = meeting;
  for (const outcome of outcomesOf(meeting)) tally.add(outcome);
  if (isUnseen(meeting)) tally.add(UNSEEN);
  for (const breach of judgeMeeting(meeting)) tally.breach(n, breach);

  await recoverAll(directory);
  for (const log of [first, second]) {
    for (const breach of await judge(log, directory, second)) tally.breach(n, breach);
  }
  const runs = await listRuns({ directory });
  for (const breach of parentFaults(runs.map(({ manifest }) => manifest))) tally.breach(n, breach);
}

async function judge(
  log: WriterLog,
  directory: string,
  second: WriterLog,
): Promise<readonly string[]> {
  const { runId, acknowledged } = log;
  if (runId === undefined) return [];
  const { watermark, breaches } = await judgeRun({
    directory,
    runId,
    acknowledged,
    group: GROUP,
    // Their writers never close them, so there is no other end.
    statuses: ["crashed-recovered"],
  });
  const sealed = second.recovered.find((run) => run.runId === runId);
  const isGrown = sealed !== undefined && sealed.highWatermark !== watermark;
  const all = isGrown ? [...breaches, `it grew to ${watermark} after it was sealed`] : breaches;
  return all.map((breach) => `${runId}: ${breach}`);
}

function outcomesOf(meeting: Meeting): readonly string[] {
  const { first, second } = meeting;
  if (isMetInACommit(meeting)) return [MET];
  if (second.runId === undefined) return [`second refused: ${second.failure?.code}`];
  const outcome = first.halt === undefined ? "first went on" : `first halted: ${first.halt.kind}`;
  return isOvertaken(meeting) ? [outcome, OVERTAKEN] : [outcome];
}
