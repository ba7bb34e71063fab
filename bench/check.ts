// Fails where a ratio has fallen below 0.8 of the recorded one: npm run bench:check [-- --update]
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { judge, type Ratios } from "./check/judge.ts";
import { PROBES } from "./check/probes.ts";
import { readRecordedRatios, writeRecordedRatios } from "./check/recordedRatios.ts";
import { verdictText } from "./check/verdictText.ts";
import { exitOnSignals } from "./exitOnSignals.ts";
import { ratio, type Spread } from "./harness.ts";
import { inFolders } from "./inFolders.ts";
import { machineOf } from "./machine.ts";
import { machineText } from "./reportText.ts";
import { runApart } from "./runApart.ts";

/** No probe takes so long, in however many rounds. */
const PROBE_LIMIT_MS = 5 * 60_000;

/** Ratios by name. */
type Spreads = Readonly<Record<string, Spread>>;

const { values } = parseArgs({
  options: {
    update: { type: "boolean", default: false },
    directory: { type: "string", default: tmpdir() },
    /** Takes one probe in this process, in so many rounds, and prints its ratios. */
    probe: { type: "string" },
    rounds: { type: "string", default: "1" },
  },
});
exitOnSignals();
if (values.probe !== undefined) await takeProbe(values.probe, Number(values.rounds));
else if (values.update) await update();
else await check();

async function check(): Promise<void> {
  const { machine, ratios } = readRecordedRatios();
  const here = machineOf(values.directory);
  process.stdout.write(machineText(here));
  if (machine.cpu !== here.cpu || machine.cores !== here.cores || machine.node !== here.node) {
    process.stdout.write(
      `Recorded on another one: ${machine.cpu}, ${machine.cores} cores, ${machine.node}\n`,
    );
  }
  const holds = await judge({
    probes: PROBES,
    recorded: mediansOf(ratios),
    measure: async (name, rounds) => mediansOf(await probed(name, rounds)),
    onVerdict: (verdict) => process.stdout.write(verdictText(verdict)),
  });
  if (holds) return;
  process.exitCode = 1;
  if (here.loadAverage > here.cores) {
    process.stdout.write(
      "The machine is busy with other work: what has fallen may be its doing.\n",
    );
  }
}

async function update(): Promise<void> {
  const machine = machineOf(values.directory);
  process.stdout.write(machineText(machine));
  const { loadAverage, cores } = machine;
  if (loadAverage > cores) {
    throw new Error(
      `Nothing is recorded: the load average is ${loadAverage}, more than the ${cores} cores of ` +
        "this machine. What others do meanwhile would become what later ratios are judged by.",
    );
  }
  const measured: Record<string, Spread> = {};
  for (const { name, rounds } of PROBES) {
    for (const [what, found] of Object.entries(await probed(name, rounds))) {
      if (!Number.isFinite(found.median)) throw new Error(`${what} could not be measured`);
      const spread = rounded(found);
      measured[what] = spread;
      process.stdout.write(`${what}: ${spread.median}x (${spread.min} .. ${spread.max})\n`);
    }
  }
  writeRecordedRatios({ machine, ratios: measured });
}

async function probed(probe: string, rounds: number): Promise<Spreads> {
  const options = ["--probe", probe, "--rounds", String(rounds), "--directory", values.directory];
  return (await runApart(import.meta.url, options, PROBE_LIMIT_MS)) as Spreads;
}

function mediansOf(spreads: Spreads): Ratios {
  return Object.fromEntries(Object.entries(spreads).map(([what, { median }]) => [what, median]));
}

/** To three digits. */
function rounded({ median, min, max }: Spread): Spread {
  const [shortMedian, shortMin, shortMax] = [median, min, max].map((value) =>
    Number(value.toPrecision(3)),
  ) as [number, number, number];
  return { median: shortMedian, min: shortMin, max: shortMax };
}

async function takeProbe(name: string, rounds: number): Promise<void> {
  const probe = PROBES.find((probe) => probe.name === name);
  if (probe === undefined) throw new Error(`There is no probe ${name}`);
  const sides = await inFolders(values.directory, (folder) => probe.measure({ rounds, folder }));
  const spreads = Object.entries(sides).map(([what, { ours, theirs }]) => {
    const { median, min, max } = ratio(what, { of: ours, over: theirs });
    return [what, { median, min, max }];
  });
  process.stdout.write(JSON.stringify(Object.fromEntries(spreads)));
}
