import { setImmediate as tick, setTimeout as wait } from "node:timers/promises";
import type { WriterSettings } from "../programs/writer.ts";
import { ChildProgram } from "../support/ChildProgram.ts";
import type { Random } from "../support/Random.ts";
import { signal } from "../support/signal.ts";
import { WriterLog } from "../support/WriterLog.ts";
import { writerPids } from "../../test/support/writerPids.ts";

/** Entries that are handed in together. */
export const GROUP = 10;
/** How long a writer may take to open its run or to refuse. */
const BEGINS_WITHIN_MS = 15_000;
/** How long a writer that was taken over may take to find out. */
const FENCED_WITHIN_MS = 10_000;
const GOES_ON_MS = 60;

/** Who of the first ones is stopped meanwhile: the user's program, the process that writes for it. */
type Whom = "program" | "writer" | "both" | "nobody";

const WHOM: readonly Whom[] = ["program", "writer", "both", "nobody"];

interface Writer {
  readonly child: ChildProgram;
  readonly log: WriterLog;
}

/** How two writers of one directory have met, and how each of them was when it was over. */
export interface Meeting {
  readonly first: WriterLog;
  readonly second: WriterLog;
  /** The second one could not see the lease of the first. */
  readonly isBlind: boolean;
  readonly whom: Whom;
  /** A process that writes was stopped, and not only the program that it belongs to. */
  readonly isWriterStopped: boolean;
  /** The first one neither halted nor ended before the second one had opened or refused. */
  readonly isFirstThere: boolean;
  /** What nobody who meets another one may do: hang, or die by itself. */
  readonly breaches: readonly string[];
}

/**
 * Stops the first writer, or lets it go on, starts the second, wakes the first, lets them find out and
 * kills both.
 * Whatever happens, nobody is left behind stopped.
 */
export async function meet(dice: Random, directory: string): Promise<Meeting> {
  const writers: Writer[] = [];
  const stopped: number[] = [];
  const release = (): void => {
    for (const pid of stopped) signal(pid, "SIGCONT");
    for (const { child } of writers) child.kill();
  };
  // First of all: the folder is removed at "exit" as well.
  process.prependOnceListener("exit", release);
  try {
    return await meetUntilKilled(dice, directory, { writers, stopped });
  } finally {
    release();
    process.off("exit", release);
    await Promise.all(writers.flatMap(({ child, log }) => [child.ended, log.read]));
  }
}

interface Met {
  readonly writers: Writer[];
  readonly stopped: number[];
}

async function meetUntilKilled(
  dice: Random,
  directory: string,
  { writers, stopped }: Met,
): Promise<Meeting> {
  const whom = dice.pick(WHOM);
  const settings = settingsOf(dice, directory, whom);
  const first = start(settings);
  writers.push(first);
  const breaches = [...(await hangsOf("first", first))];
  await wait(dice.between(0, 60));
  const { pid = 0 } = first.child.process;
  stopped.push(...pidsOf(pid, whom));
  for (const each of stopped) signal(each, "SIGSTOP");

  // In a network namespace of its own the second one cannot see the lease: there the epoch fences.
  const isBlind = dice.chance(0.7) && process.getuid?.() === 0;
  const second = start(settings, isBlind ? ["unshare", "-n"] : []);
  writers.push(second);
  breaches.push(...(await hangsOf("second", second)));
  // What the first one said before that is read by then.
  await tick();
  const isFirstThere = first.log.halt === undefined && !hasEnded(first);
  for (const each of stopped) signal(each, "SIGCONT");
  // One that was fenced ends by itself; one that kept its run goes on until it is killed.
  const isTakenOver = second.log.recovered.length > 0;
  await isWithin(isTakenOver ? FENCED_WITHIN_MS : GOES_ON_MS, first.child.ended);
  breaches.push(...diedOf("first", first), ...diedOf("second", second));
  const isWriterStopped = stopped.some((each) => each !== pid);
  const met = { first: first.log, second: second.log };
  return { ...met, whom, isBlind, isWriterStopped, isFirstThere, breaches };
}

function settingsOf(dice: Random, directory: string, whom: Whom): WriterSettings {
  const inFlight = dice.between(1, 4);
  // A program whose writer alone was stopped finds out by the first; nobody else is to call slow what
  // was only asleep, so that the fence alone can stop it.
  const waits =
    whom === "writer"
      ? { commitTimeoutMs: 700 }
      : { commitTimeoutMs: 60_000, haltThresholdMs: 60_000 };
  return { directory, group: GROUP, inFlight, writer: waits };
}

function start(settings: WriterSettings, under: readonly string[] = []): Writer {
  const child = new ChildProgram("writer", [JSON.stringify(settings)], { under });
  return { child, log: new WriterLog(child) };
}

async function hangsOf(name: string, { log }: Writer): Promise<readonly string[]> {
  const isBegun = await isWithin(BEGINS_WITHIN_MS, log.begun);
  return isBegun ? [] : [`the ${name} neither opened nor refused in ${BEGINS_WITHIN_MS} ms`];
}

/** What a program that nobody has killed yet died of. */
function diedOf(name: string, { child: { process: child } }: Writer): readonly string[] {
  const exit = child.signalCode ?? child.exitCode ?? 0;
  return exit === 0 ? [] : [`the ${name} ended by ${exit}`];
}

function hasEnded({ child: { process: child } }: Writer): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function pidsOf(pid: number, which: Whom): readonly number[] {
  if (which === "nobody") return [];
  const writer = writerPids(pid)[0];
  if (which === "program" || writer === undefined) return [pid];
  return which === "writer" ? [writer] : [pid, writer];
}

async function isWithin(ms: number, event: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = wait(ms, false, { signal: timer.signal }).catch(() => false);
  const isInTime = await Promise.race([event.then(() => true), late]);
  timer.abort();
  return isInTime;
}
