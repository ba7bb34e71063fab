// Fails where a ratio has fallen below 0.8 of the recorded one: npm run bench:check [-- --update]
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { judge, type Ratios } from "./check/judge.ts";
import { PROBES } from "./check/probes.ts";
import { readRecordedRatios, writeRecordedRatios } from "./check/recordedRatios.ts";
import { verdictText } from "./check/verdictText.ts";
import { ratio } from "./harness.ts";
import { inFolders } from "./inFolders.ts";
import { machineOf } from "./machine.ts";
import { machineText } from "./reportText.ts";

const { values } = parseArgs({
  options: {
    update: { type: "boolean", default: false },
    directory: { type: "string", default: tmpdir() },
    /** Takes one probe in this process, in so many rounds, and prints its ratios. */
    probe: { type: "string" },
    rounds: { type: "string", default: "1" },
  },
});
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
    recorded: ratios,
    measure: async (name, rounds) => probed(name, rounds),
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
  const measured: Record<string, number> = {};
  for (const { name, rounds } of PROBES) {
    for (const [what, found] of Object.entries(probed(name, rounds))) {
      measured[what] = Number(found.toPrecision(3));
      process.stdout.write(`${what}: ${measured[what]}x\n`);
    }
  }
  writeRecordedRatios({ machine, ratios: measured });
}

/** In a process of its own: what ran before would have taught the compiler other shapes. */
function probed(probe: string, rounds: number): Ratios {
  const options = ["--probe", probe, "--rounds", String(rounds), "--directory", values.directory];
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...options];
  const printed = execFileSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(printed) as Ratios;
}

async function takeProbe(name: string, rounds: number): Promise<void> {
  const probe = PROBES.find((probe) => probe.name === name);
  if (probe === undefined) throw new Error(`There is no probe ${name}`);
  const sides = await inFolders(values.directory, (folder) => probe.measure({ rounds, folder }));
  const medians = Object.entries(sides).map(([what, { ours, theirs }]) => [
    what,
    ratio(what, { of: ours, over: theirs }).median,
  ]);
  process.stdout.write(JSON.stringify(Object.fromEntries(medians)));
}
