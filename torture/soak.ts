import type { Attack, Context, Outcome } from "./Attack.ts";
import { complaintsOf } from "./soak/complaintsOf.ts";
import { judgeGrowth, type GrowthRules } from "./soak/judgeGrowth.ts";
import type { SoakSettings } from "./soak/settings.ts";
import { Watcher } from "./soak/Watcher.ts";
import { ChildProgram } from "./support/ChildProgram.ts";
import { Tally } from "./support/Tally.ts";

const SPAN_SECONDS = 10;
const LONG_SPANS = 180;
/** However short the soak is, there are so many runs, where they take some seconds at least. */
const RUNS = 30;
const MIN_RUN_SECONDS = 7;
const MAX_RUN_SECONDS = 45;
const SAMPLES_PER_RUN = 9;
/** Longer than a run, so that each block has all that happens between two openings. */
const SAMPLES_PER_BLOCK = 12;

/** Hours of ordinary work, looking for whatever grows. */
export const soak: Attack = {
  name: "soak",
  does: "a mixed load with readers for a long time: nothing grows, nothing stalls",
  unit: "spans of 10 s",
  short: 1,
  long: LONG_SPANS,
  missing: () => (process.platform === "linux" ? undefined : "it reads /proc"),
  run: soakFor,
};

/** A process of the soak. */
interface Role {
  readonly name: string;
  readonly child: ChildProgram;
  readonly watcher: Watcher;
}

async function soakFor(context: Context): Promise<Outcome> {
  const tally = new Tally();
  const lasts = context.count * SPAN_SECONDS;
  const runSeconds = Math.max(MIN_RUN_SECONDS, Math.min(MAX_RUN_SECONDS, lasts / RUNS));
  const sampleSeconds = runSeconds / SAMPLES_PER_RUN;
  // The last sample of all is a little late.
  const seconds = lasts + 2 * sampleSeconds;
  const [many, one] = [context.folder(), context.folder()];
  const all = { seconds, sampleSeconds, runSeconds };
  const roles = [
    roleOf("runs", "soakLoad", { ...all, directories: [many] }),
    // What grows within a run does not show where it is short.
    roleOf("one run", "soakLoad", { ...all, directories: [one], runSeconds: seconds }),
    roleOf("reader", "soakReader", { ...all, directories: [many, one] }),
  ];
  const spansOf = (samples: number): number =>
    Math.min(context.count, Math.floor((samples * sampleSeconds) / SPAN_SECONDS));
  await Promise.all(
    roles.map(async (role) => {
      const isWell = await watch(role, tally, (samples) => context.progress(spansOf(samples)));
      // Without one of them, what the others hold says nothing.
      if (!isWell) for (const { child } of roles) child.kill();
    }),
  );
  const rules: GrowthRules = {
    sampling: { sampleSeconds, samplesPerBlock: SAMPLES_PER_BLOCK },
    mustShow: context.count >= LONG_SPANS,
  };
  for (const role of roles) judge(role, tally, rules);
  // What was looked at, not what was asked for: the reader is looked at all the time.
  tally.cases = spansOf(Math.max(...roles.map(({ watcher }) => watcher.samples)));
  return tally.outcome;
}

function roleOf(name: string, program: string, settings: SoakSettings): Role {
  const child = new ChildProgram(program, [JSON.stringify(settings)], { flags: ["--expose-gc"] });
  return { name, child, watcher: new Watcher() };
}

/** Follows a program to its end; gives whether that was a good one. */
async function watch(
  { name, child, watcher }: Role,
  tally: Tally,
  progress: (samples: number) => void,
): Promise<boolean> {
  for await (const line of child.lines) {
    const isFine = watcher.take(line, child.process.pid ?? 0);
    if (!isFine) tally.breach(watcher.samples, `${name} said ${line}`);
    progress(watcher.samples);
  }
  const { exit, stderr } = await child.ended;
  const isStopped = child.process.killed;
  if (exit !== 0 && !isStopped)
    tally.breach(watcher.samples, `${name} ended by ${exit}: ${stderr}`);
  return exit === 0;
}

function judge({ name, watcher }: Role, tally: Tally, rules: GrowthRules): void {
  const { samples, series, entries, counts, log } = watcher;
  judgeGrowth(name, series, tally, rules);
  tally.add(`${name}: entries read`, entries);
  if (counts === undefined) return;
  for (const complaint of [...complaintsOf(counts), ...log.complaints]) {
    tally.breach(samples, `${name}: ${complaint}`);
  }
  for (const [what, value] of Object.entries({ ...counts, ...log.most })) {
    tally.add(`${name}: ${what}`, Math.round(value));
  }
}
